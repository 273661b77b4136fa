"""The short names of AWS's interface services that this version knows, and the checks of a name."""

from __future__ import annotations

import botocore.session
from botocore.exceptions import UnknownServiceError

from infra.policy.report import alternatives, suggestion

# As aws-cdk-lib 2.275 lists them (InterfaceVpcEndpointAwsService; a test compares), and route53,
# which it leaves out.
_NAMES = """
access-analyzer account acm acm-fips acm-pca acm-pca-fips airflow.api airflow.api-fips airflow.env
airflow.env-fips airflow.ops analytics-omics app-integrations appconfig appconfigdata
application-autoscaling application-signals applicationinsights appmesh appmesh-envoy-management
apprunner apprunner.requests appstream.api appstream.streaming appsync-api apptest aps
aps-workspaces arsenal-discovery athena auditmanager autoscaling autoscaling-plans awsconnector
b2bi backup backup-gateway batch bcm-pricing-calculator bedrock bedrock-agent
bedrock-agent-runtime bedrock-agentcore bedrock-agentcore.gateway bedrock-data-automation
bedrock-data-automation-fips bedrock-data-automation-runtime bedrock-data-automation-runtime-fips
bedrock-fips bedrock-runtime bedrock-runtime-fips billing billingconductor braket cases cassandra
cassandra-fips ce cleanrooms cleanrooms-ml cloudcontrolapi cloudcontrolapi-fips clouddirectory
cloudformation cloudhsmv2 cloudtrail codeartifact.api codeartifact.repositories codebuild
codebuild-fips codecatalyst.git codecatalyst.packages codecommit codecommit-fips
codeconnections.api codedeploy codedeploy-commands-secure codeguru-profiler codeguru-reviewer
codepipeline codestar-connections.api codewhisperer cognito-identity cognito-identity-fips
cognito-idp cognito-idp-fips comprehend comprehendmedical compute-optimizer config
connect-campaigns console control-storage-omics controlcatalog cost-optimization-hub
data-servicediscovery data-servicediscovery-fips databrew dataexchange datasync datazone
deadline.management deadline.scheduling deviceadvisor.iot devops-guru dicom-medical-imaging
discovery dms dms-fips drs ds ds-data dsql dynamodb dynamodb-fips dynamodb-streams ebs ec2
ec2messages ecr-public.api ecr.api ecr.dkr ecs ecs-agent ecs-telemetry eks eks-auth eks-proxy
elastic-inference.runtime elasticache elasticache-fips elasticbeanstalk elasticbeanstalk-health
elasticfilesystem elasticfilesystem-fips elasticloadbalancing elasticmapreduce email email-fips
email-smtp emr-containers emr-serverless emr-serverless-services.livy emr-serverless.dashboard
emrwal.prod entityresolution events evidently evidently-dataplane execute-api finspace
finspace-api fis forecast forecast-fips forecastquery forecastquery-fips frauddetector fsx
fsx-fips geo.geofencing geo.maps geo.metadata geo.places geo.routes geo.tracking git-codecommit
git-codecommit-fips glue glue.dashboard grafana grafana-workspace greengrass groundstation
guardduty guardduty-data guardduty-data-fips guardduty-fips healthlake iam identitystore
imagebuilder inspector-scan inspector2 internetmonitor internetmonitor-fips invoicing
iot.credentials iot.data iot.fleethub.api iotfleetwise iotroborunner iotsitewise.api
iotsitewise.data iottwinmaker.api iottwinmaker.data iotwireless.api kafka kafka-fips kafkaconnect
kendra kinesis-firehose kinesis-streams kinesis-streams-fips kms kms-fips lakeformation lambda
launchwizard license-manager license-manager-fips license-manager-linux-subscriptions
license-manager-linux-subscriptions-fips license-manager-user-subscriptions logs lookoutequipment
lookoutmetrics lookoutvision lorawan.cups lorawan.lns m2 macie2 mail-manager mail-manager-fips
managedblockchain-query managedblockchain.bitcoin.mainnet managedblockchain.bitcoin.testnet
mediaconnect medical-imaging memory-db memorydb-fips mgn migrationhub-orchestrator
migrationhub-strategy models-v2-lex monitoring mq neptune-graph neptune-graph-data
neptune-graph-fips network-firewall network-firewall-fips networkflowmonitor
networkflowmonitorreports networkmonitor nimble observabilityadmin organizations
organizations-fips outposts panorama payment-cryptography.controlplane
payment-cryptography.dataplane pca-connector-ad pca-connector-scep pcs pcs-fips personalize
personalize-events personalize-runtime pi pi-fips pinpoint pinpoint-sms-voice-v2 pipes pipes-data
pipes-fips polly pricing.api private-networks profile proton q qapps qldb.session
quicksight-website ram rbin rds rds-data redshift redshift-data redshift-data-fips redshift-fips
redshift-serverless redshift-serverless-fips refactor-spaces rekognition rekognition-fips
repostspace resource-groups resource-groups-fips robomaker rolesanywhere route53 rum rum-dataplane
runtime-medical-imaging runtime-v2-lex s3 s3-global.accesspoint s3-outposts s3tables s3vectors
sagemaker-data-science-assistant sagemaker-geospatial sagemaker.api sagemaker.api-fips
sagemaker.featurestore-runtime sagemaker.metrics sagemaker.runtime sagemaker.runtime-fips
savingsplans schemas scn secretsmanager securityhub securitylake securitylake-fips serverlessrepo
service.user-subscriptions servicecatalog servicecatalog-appregistry servicediscovery
servicediscovery-fips shield shield-fips signin simspaceweaver sms sms-fips snow-device-management
sns social-messaging sqs sqs-fips ssm ssm-contacts ssm-fips ssm-incidents ssm-quicksetup
ssmmessages states storage-omics storagegateway streaming-rekognition streaming-rekognition-fips
sts sts-fips swf swf-fips sync-states synthetics synthetics-fips tagging tags-omics tax textract
textract-fips thinclient.api timestream-influxdb timestream-influxdb-fips tnb transcribe
transcribestreaming transfer transfer.server translate trustedadvisor verifiedpermissions voiceid
vpc-lattice wafv2 wafv2-fips wellarchitected wisdom workflows-omics workmail workspaces
workspaces-web workspaces-web-fips xray
"""
KNOWN = frozenset(_NAMES.split())
# Services whose names begin otherwise: they are written in full.
IN_FULL = {
    "bcm-data-exports": "aws.api.<region>.bcm-data-exports",
    "codecatalyst": "aws.api.global.codecatalyst",
    "experiments": "aws.sagemaker.<region>.experiments",
    "freetier": "aws.api.<region>.freetier",
    "kendra-ranking": "aws.api.<region>.kendra-ranking",
    "notebook": "aws.sagemaker.<region>.notebook",
    "partner-app": "aws.sagemaker.<region>.partner-app",
    "qbusiness": "aws.api.<region>.qbusiness",
    "studio": "aws.sagemaker.<region>.studio",
}


# How alike a slip is. A service that botocore knows may have got an endpoint since, and AWS extends
# names that there are (cloudtrail-data): such a name must be closer.
_CLOSE, _SLIP = 0.75, 0.9


def meant(short: str) -> str:
    """What was probably meant by a short name that isn't known: `did you mean ...? `, or "".

    SDKs call some services otherwise: botocore's "cloudwatch" is "monitoring" in its endpoints.
    Nor is the FIPS endpoint of a service that we know a slip.
    """
    if short in IN_FULL:
        return f"did you mean {IN_FULL[short]}? "
    plain = [each for each in sorted(KNOWN) if not each.endswith("-fips")]
    for begin in (f"{short}.", f"{short}-"):
        if family := [each for each in plain if each.startswith(begin)]:
            return f"did you mean {alternatives(family[:4])}? "
    prefix = _prefix(short)
    if prefix in KNOWN:
        return f"did you mean {prefix}? "
    if short.removesuffix("-fips") in KNOWN:
        return ""
    there = prefix or any(short.startswith((f"{each}.", f"{each}-")) for each in KNOWN)
    return suggestion(short, sorted(KNOWN), cutoff=_SLIP if there else _CLOSE)


def _prefix(short: str) -> str:
    try:
        return str(botocore.session.get_session().get_service_model(short).endpoint_prefix)
    except UnknownServiceError:
        return ""
