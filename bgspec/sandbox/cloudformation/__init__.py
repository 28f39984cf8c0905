"""CloudFormation: templates, change sets, and stacks that create, update, roll back and delete their resources."""
