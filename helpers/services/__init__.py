"""The embedded services: Kafka, LocalStack (S3 and friends) and PostgreSQL, all on 127.0.0.1."""

from helpers.services.endpoints import Endpoints, aws, endpoints
from helpers.services.queue import QueueServer
from helpers.services.registry import SERVICES, ServiceStatus, down, ensure, s3_rollback, service, status
from helpers.services.users import enter, leave

__all__ = [
    "SERVICES",
    "Endpoints",
    "QueueServer",
    "ServiceStatus",
    "aws",
    "down",
    "endpoints",
    "ensure",
    "enter",
    "leave",
    "s3_rollback",
    "service",
    "status",
]
