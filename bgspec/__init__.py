"""bgspec: one YAML spec for a blue/green environment on AWS Fargate, checked, compiled and deployed."""

__version__ = "0.1.0"
