"""A Prometheus that reads the metrics of a bot and a worker on this machine, as in `ops/`."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from sandbox.programs import ROOT

OPS = ROOT / "ops"


def prometheus(
    folder: Path,
    port: int,
    targets: Mapping[str, int],
    *,
    interval: str = "5s",
    rules: Path = OPS / "alerts.yml",
) -> list[str]:
    """Write the configuration of a Prometheus, and return the command that runs it.

    Args:
        folder: keeps its files.
        port: where it listens, on this machine only.
        targets: the ports of the metrics, by the names of the jobs in `ops/prometheus.yml`.
        interval: between two looks, in Prometheus' words; nobody waits long for a demo.
        rules: the file with the alerts.
    """
    configuration = yaml.safe_load((OPS / "prometheus.yml").read_text())
    configuration["global"] = dict.fromkeys(configuration["global"], interval)
    configuration["rule_files"] = [str(rules)]
    jobs = [job for job in configuration["scrape_configs"] if job["job_name"] in targets]
    configuration["scrape_configs"] = jobs
    for job in jobs:
        job["static_configs"] = [{"targets": [f"127.0.0.1:{targets[job['job_name']]}"]}]
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(configuration))
    return [
        *("prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder / 'prometheus'}"),
        *(f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"),
    ]
