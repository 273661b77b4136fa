"""The workflows, with the functions that each calls and that start it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Stack

from infra.connection_functions import ConnectionFunctions
from infra.function import Function
from infra.functions import Functions
from infra.interface_functions import InterfaceFunctions
from infra.removal_functions import RemovalFunctions
from infra.service_functions import ServiceFunctions
from infra.workflow import Workflow


@dataclass(frozen=True)
class Workflows:
    """The workflows."""

    network: Workflow
    connections: Workflow
    hold: Workflow
    services: Workflow
    interfaces: Workflow
    withdraw: Workflow
    uninstall: Workflow

    @staticmethod
    def of(
        stack: Stack,
        shared: Functions,
        own: ConnectionFunctions,
        services: ServiceFunctions,
        interfaces: InterfaceFunctions,
        removal: RemovalFunctions,
    ) -> Workflows:
        """Make them in the stack, each with the functions that it calls and that call it."""

        def make(id: str, steps: Mapping[str, Function], **starts: Workflow) -> Workflow:
            return Workflow(stack, id, name=id.lower(), steps=steps, starts=starts)

        connections = make("Connections", _connection_steps(shared, own))
        network = make("Network", _network_steps(shared))
        endpoints = make("Interfaces", _interface_steps(shared, interfaces))
        aside = _withdraw_steps(shared, removal)
        made = Workflows(
            network=network,
            connections=connections,
            hold=make("Hold", _hold_steps(shared, own)),
            services=make("Services", _service_steps(shared, services), Connections=connections),
            interfaces=endpoints,
            withdraw=make("Withdraw", aside, Network=network, Interfaces=endpoints),
            uninstall=make("Uninstall", _uninstall_steps(shared, removal)),
        )
        made._let_start(shared, own)
        return made

    @property
    def all(self) -> tuple[Workflow, ...]:
        """All of them."""
        return (
            self.network,
            self.connections,
            self.hold,
            self.services,
            self.interfaces,
            self.withdraw,
            self.uninstall,
        )

    def _let_start(self, shared: Functions, own: ConnectionFunctions) -> None:
        for workflow in (self.network, self.connections, self.services, self.interfaces):
            workflow.carries_on()
        self.network.started_by(shared.intake, "STATE_MACHINE_ARN")
        self.connections.started_by(shared.intake, "CONNECTIONS_MACHINE_ARN")
        self.services.started_by(shared.intake, "SERVICES_MACHINE_ARN")
        self.withdraw.started_by(shared.intake, "WITHDRAW_MACHINE_ARN")
        self.hold.started_by(own.sync_holds, "HOLD_MACHINE_ARN")


def _network_steps(shared: Functions) -> Mapping[str, Function]:
    return {
        "Plan": shared.plan_network,
        "Apply": shared.apply_network,
        "Record": shared.record,
    }


def _connection_steps(shared: Functions, own: ConnectionFunctions) -> Mapping[str, Function]:
    return {
        "PlanConnections": own.plan_connections,
        "AnswerConnections": own.answer_connections,
        "RegisterNotifications": own.register_notifications,
        "SyncHolds": own.sync_holds,
        "CheckZones": own.check_zones,
        "Record": shared.record,
    }


def _service_steps(shared: Functions, services: ServiceFunctions) -> Mapping[str, Function]:
    return {
        "Plan": services.plan_services,
        "Apply": services.apply_services,
        "Record": shared.record,
    }


def _interface_steps(shared: Functions, own: InterfaceFunctions) -> Mapping[str, Function]:
    return {
        "Plan": own.plan_interfaces,
        "Apply": own.apply_interface,
        "Record": shared.record,
    }


def _hold_steps(shared: Functions, own: ConnectionFunctions) -> Mapping[str, Function]:
    return {
        "OpenHold": own.open_hold,
        "AnswerConnections": own.answer_connections,
        "Record": shared.record,
    }


def _withdraw_steps(shared: Functions, own: RemovalFunctions) -> Mapping[str, Function]:
    return {
        "PlanWithdrawal": own.plan_withdrawal,
        "ApplyWithdrawal": own.apply_withdrawal,
        "Record": shared.record,
    }


def _uninstall_steps(shared: Functions, own: RemovalFunctions) -> Mapping[str, Function]:
    return {
        "PlanUninstall": own.plan_uninstall,
        "ApplyUninstall": own.apply_uninstall,
        "Record": shared.record,
    }
