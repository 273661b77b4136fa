"""The StackSets, one for each target, in waves: the next begins once the last has gone well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aws_cdk import CfnStackSet, CustomResource, Duration
from constructs import Construct, IDependable

from infra.fleet.model import Fleet, Target, Wave
from infra.function import Function
from infra.hub.roster import stack_set_of
from infra.hub.spreading import Spreading

# Percent of a unit's accounts at a time, at least one.
AT_ONCE = 25
# Longer than the function runs: what it can't say, CloudFormation says then.
_ANSWER_WITHIN = Duration.minutes(20)


class Waves(Construct):
    """Note, StackSets, gate; and the next wave behind that. `after`: before all of it."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        fleet: Fleet,
        spreading: Spreading,
        gate: Function,
        after: Iterable[IDependable],
    ) -> None:
        super().__init__(scope, id)
        self._spreading, self._gate = spreading, gate
        # Below no wave: a target that moves to another one keeps its StackSet.
        sets = {
            target.name: self._stack_set(target, _wave_of(target, fleet))
            for target in fleet.targets
        }
        before: tuple[IDependable, ...] = (spreading.done, *after)
        for number, wave in enumerate(fleet.waves, 1):
            note = self._step("note", number, wave)
            note.node.add_dependency(*before)
            gate_here = self._step("gate", number, wave)
            for name in wave.targets:
                sets[name].node.add_dependency(note)
                gate_here.node.add_dependency(sets[name])
            before = (gate_here,)

    def _stack_set(self, target: Target, wave: tuple[int, Wave]) -> CfnStackSet:
        stacks = CfnStackSet.StackInstancesProperty(
            deployment_targets=CfnStackSet.DeploymentTargetsProperty(
                organizational_unit_ids=[target.unit]
            ),
            regions=[*target.regions],
        )
        return CfnStackSet(
            self,
            target.name,
            stack_set_name=stack_set_of(target.name),
            description=f"Endpoint Autopilot in the accounts of {target.unit}",
            permission_model="SERVICE_MANAGED",
            call_as="DELEGATED_ADMIN",
            # With `zones.peers` a spoke has a role whose name its peers know.
            capabilities=["CAPABILITY_NAMED_IAM"],
            auto_deployment=CfnStackSet.AutoDeploymentProperty(
                enabled=True, retain_stacks_on_account_removal=False
            ),
            # What comes while an operation runs waits its turn instead of failing.
            managed_execution={"Active": True},
            operation_preferences=_preferences(*wave),
            stack_instances_group=[stacks],
            template_url=self._spreading.template_url(target.name),
        )

    def _step(self, step: str, number: int, wave: Wave) -> CustomResource:
        told: Mapping[str, object] = {
            "Step": step,
            "Wave": str(number),
            "Release": self._spreading.release,
            "StackSets": [stack_set_of(name) for name in wave.targets],
            "Tolerance": wave.tolerance,
            "WaitMinutes": wave.wait_minutes,
        }
        return CustomResource(
            self,
            f"{step.title()}{number}",
            service_token=self._gate.function.function_arn,
            resource_type="Custom::WaveGate" if step == "gate" else "Custom::WaveNote",
            service_timeout=_ANSWER_WITHIN,
            properties=told,
        )


def _wave_of(target: Target, fleet: Fleet) -> tuple[int, Wave]:
    """The number of its wave, from 1, and the wave."""
    return next(
        (number, wave) for number, wave in enumerate(fleet.waves, 1) if target.name in wave.targets
    )


def _preferences(number: int, wave: Wave) -> CfnStackSet.OperationPreferencesProperty:
    """Soft: by the strict mode, and no tolerance, one account at a time would be deployed to, and a
    hundred of them take a day. What fails in an account is rolled back there, so that what is under
    way when the tolerance is used up harms nobody. The first wave goes Region by Region: it finds
    what is wrong; later ones take them all at once.
    """
    return CfnStackSet.OperationPreferencesProperty(
        concurrency_mode="SOFT_FAILURE_TOLERANCE",
        failure_tolerance_percentage=wave.tolerance,
        max_concurrent_percentage=AT_ONCE,
        region_concurrency_type="SEQUENTIAL" if number == 1 else "PARALLEL",
    )
