"""The optional last step: a compiled environment is brought to AWS, looked at, and taken away again. Nothing else uses boto3.

Where to look:

- Commands, from their flags to the exit code: `commands`. Behind `plan` stand `outlook` and `preview`, behind `apply` `fleet` (of many
  environments at once), `apply` and `final`; `status` and `destroy` are what they are called.
- What is sent: `units`; the first `image`, the first commit (`seed`), the files of a pipeline (`source`), templates that are `large`.
- What there is already: `live`, `colours`, what holds `data`, what was `left` behind, what somebody changed (`drift`), and before anything
  is changed `preflight`.
- What becomes of a stack: `decide`, which calls nothing; `compare`, `ripples`, `order`, `rights`; stacks that the spec knows no more
  (`former`), things that are taken back (`adopt`).
- Doing it: `aws` (every call), `formation` (CloudFormation), the two engines (`deployments` of CodeDeploy, `native` ones of ECS), `tasks`;
  `graph`, `lock` and `interrupt` keep it in order.
- Telling of it: `show`, `screen`, `usual`; what to do when something fails: `advice`, `causes`.
"""
