# syntax=docker/dockerfile:1

FROM python:3.11-slim-bookworm AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /bin/
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev

# One image for release, web and worker; the command says which.
FROM python:3.11-slim-bookworm
RUN useradd --system --no-create-home --shell /usr/sbin/nologin expenses \
    && python -m pip uninstall --yes --root-user-action=ignore pip setuptools wheel
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY pyproject.toml .
COPY bot bot
COPY expense_workflow expense_workflow
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER expenses
EXPOSE 8099
CMD ["python", "-m", "bot", "serve"]
