"""Whether quotas leave room for what the automation makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autopilot.reconcile.quota import Limit

from cli.checkup.model import Ailment, Shell

GATEWAYS, INTERFACES = "L-1B52E74A", "L-29B6F2EB"
"""Service Quotas' codes (VPC guide, "Amazon VPC quotas")."""
# A new account's, of which none may be reserved.
LEAST_CONCURRENCY = 10


def of_count(
    what: str, subject: str, code: str, used: int, limit: Limit, shell: Shell
) -> Iterator[Ailment]:
    """What is wrong if so many of them are there; `what`: "gateway endpoints in us-east-1"."""
    if not limit.near(used):
        return
    full = used >= limit.value
    yield Ailment(
        "quota-full" if full else "quota-near",
        subject,
        f"{used} of {limit.value} {what} are there.",
        "Further ones are refused." if full else "Further ones will be refused soon.",
        (
            shell.aws(
                *("service-quotas", "request-service-quota-increase"),
                service_code="vpc",
                quota_code=code,
                desired_value=str(limit.value * 2),
            ),
        ),
        "AWS decides about it, within minutes to days.",
    )


def of_concurrency(account: Mapping[str, int], shell: Shell) -> Iterator[Ailment]:
    """What is wrong if functions have hardly any concurrency (GetAccountSettings' AccountLimit)."""
    left = account.get("UnreservedConcurrentExecutions", LEAST_CONCURRENCY)
    if left < LEAST_CONCURRENCY:
        yield Ailment(
            "no-concurrency",
            "lambda",
            f"Only {left} of the account's Lambda executions at once aren't reserved by others.",
            "Functions are throttled: workflows are late, or fail.",
            (
                shell.aws(
                    *("service-quotas", "request-service-quota-increase"),
                    service_code="lambda",
                    quota_code="L-B99A9384",
                    desired_value=str(
                        account.get("ConcurrentExecutions", 0) + 10 * LEAST_CONCURRENCY
                    ),
                ),
            ),
            "Or have other functions reserve less.",
        )
