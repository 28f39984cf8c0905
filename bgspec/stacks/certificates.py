"""The certificates that ACM issues for the listeners."""

from bgspec.cfn import Ref
from bgspec.plan import Plan
from bgspec.stacks.stack import Output, Stack


def stacks(plan: Plan) -> tuple[Stack, ...]:
    certificates = plan.load_balancer.certificates
    if not certificates:
        return ()
    return (
        Stack(
            key="certificates",
            name=plan.names.stack("certificates"),
            template="certificates.yaml.j2",
            description="Certificates of the listeners",
            parameters=(),
            outputs=tuple(
                Output(certificate.output, f"The certificate for {certificate.domains[0]}", Ref(certificate.id))
                for certificate in certificates
            ),
            context={"certificates": certificates},
        ),
    )
