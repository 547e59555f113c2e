"""A Temporal that takes every completion at once: python -m benchmarks.temporal_stub PORT.

Measuring clicks needs thousands of expenses whose workflows nobody started. The real server is
measured in `paid`; this one never slows the bot down, so that its deliveries come fastest.
"""

import asyncio
import sys

import grpc
from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import request_response_pb2 as messages
from temporalio.api.workflowservice.v1 import service_pb2_grpc


class Server(service_pb2_grpc.WorkflowServiceServicer):  # type: ignore[misc]
    """Accepts completions."""

    async def GetSystemInfo(
        self, request: object, context: object
    ) -> messages.GetSystemInfoResponse:
        """Answer a version."""
        return messages.GetSystemInfoResponse(server_version="1.32.0")

    async def RespondActivityTaskCompleted(
        self, request: object, context: object
    ) -> messages.RespondActivityTaskCompletedResponse:
        """Accept a decision."""
        return messages.RespondActivityTaskCompletedResponse()

    async def DescribeWorkflowExecution(
        self, request: messages.DescribeWorkflowExecutionRequest, context: object
    ) -> messages.DescribeWorkflowExecutionResponse:
        """Answer that the workflow runs."""
        info = WorkflowExecutionInfo(
            execution=request.execution,
            status=WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING,
        )
        return messages.DescribeWorkflowExecutionResponse(workflow_execution_info=info)


async def main(port: int) -> None:
    """Serve until ended."""
    server = grpc.aio.server()
    service_pb2_grpc.add_WorkflowServiceServicer_to_server(Server(), server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
