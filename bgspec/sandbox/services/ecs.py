"""ECS: the operations of its modules."""

from bgspec.sandbox.services import ecs_definitions, ecs_deployments, ecs_services, ecs_tasks
from bgspec.sandbox.services.ecs_records import ecs

__all__ = ["ecs", "ecs_definitions", "ecs_deployments", "ecs_services", "ecs_tasks"]
