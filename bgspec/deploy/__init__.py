"""The optional last step: a compiled environment is brought to AWS, looked at, and taken away again. Nothing else uses boto3."""
