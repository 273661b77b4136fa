#!/usr/bin/env bash
# PrivateLink between two accounts, by the AWS CLI: a provider offers a service, a consumer connects,
# the provider accepts, and cuts the connection again. Two shells:
#
#   make lab                                  # the first one; wait for "lab ready"
#   export AWS_ENDPOINT_URL=...               # the second one: the lines that the lab printed
#   PATH=$PWD/.venv/bin:$PATH lab/examples/privatelink.sh
#
# The lab takes the access key id for the account, so changing accounts is changing one variable.
set -euo pipefail
shopt -s inherit_errexit  # what fails inside $(...) stops the script too

: "${AWS_ENDPOINT_URL:?set it to where the lab answers, see above: this is not meant for a real account}"
PROVIDER=${PROVIDER:-111111111111}
CONSUMER=${CONSUMER:-222222222222}
export AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-lab} AWS_DEFAULT_REGION=${AWS_REGION:-us-east-1}
export AWS_PAGER="" AWS_DEFAULT_OUTPUT=text

provider() { AWS_ACCESS_KEY_ID=$PROVIDER aws "$@"; }
consumer() { AWS_ACCESS_KEY_ID=$CONSUMER aws "$@"; }
say() { printf '%s\n' "$*"; }

# An account's VPC with one subnet in $zone; prints both ids. $1 is `provider` or `consumer`.
network() {
  local vpc subnet
  vpc=$("$1" ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId)
  subnet=$("$1" ec2 create-subnet --vpc-id "$vpc" --cidr-block 10.0.1.0/24 \
    --availability-zone-id "$zone" --query Subnet.SubnetId)
  echo "$vpc $subnet"
}

# Waits until the consumer's endpoint is in the state $1: changes take a moment, here as on AWS.
until_endpoint_is() {
  local state
  for _ in $(seq 20); do
    state=$(consumer ec2 describe-vpc-endpoints --vpc-endpoint-ids "$endpoint" \
      --query 'VpcEndpoints[0].State')
    if [[ $state == "$1" ]]; then
      say "the consumer's endpoint is $state"
      return
    fi
    sleep 0.3
  done
  say "the consumer's endpoint is $state, not $1" >&2
  exit 1
}

# Zones have other names in every account. Their ids are the same for all: agree on one by its id.
zone=$(provider ec2 describe-availability-zones --query 'AvailabilityZones[0].ZoneId')

# 1. The provider puts a service behind a network load balancer, for one other account, and wants to
#    be asked about each connection.
ids=$(network provider)
read -r vpc subnet <<<"$ids"
balancer=$(provider elbv2 create-load-balancer --name "shop-${vpc: -8}" --type network \
  --scheme internal --subnets "$subnet" --query 'LoadBalancers[0].LoadBalancerArn')
made=$(provider ec2 create-vpc-endpoint-service-configuration \
  --acceptance-required --network-load-balancer-arns "$balancer" \
  --query 'ServiceConfiguration.[ServiceId,ServiceName]')
read -r service name <<<"$made"
say "the provider offers $name in $zone"

# 2. Nobody finds a service that doesn't admit them: to the consumer there is no such name yet.
if consumer ec2 describe-vpc-endpoint-services --service-names "$name" 2>/dev/null >&2; then
  say "the consumer found a service that it may not use" >&2
  exit 1
fi
provider ec2 modify-vpc-endpoint-service-permissions --service-id "$service" \
  --add-allowed-principals "arn:aws:iam::$CONSUMER:root" >/dev/null
say "the provider lets account $CONSUMER in"

# 3. The consumer connects from a subnet in the same zone, and waits.
ids=$(network consumer)
read -r vpc subnet <<<"$ids"
endpoint=$(consumer ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id "$vpc" \
  --service-name "$name" --subnet-ids "$subnet" --query VpcEndpoint.VpcEndpointId)
say "the consumer made $endpoint"
until_endpoint_is pendingAcceptance

# 4. The provider looks who is asking, and accepts. The answer lists what failed: nothing should.
asking=$(provider ec2 describe-vpc-endpoint-connections \
  --filters "Name=service-id,Values=$service" "Name=vpc-endpoint-state,Values=pendingAcceptance" \
  --query 'VpcEndpointConnections[].[VpcEndpointOwner,VpcEndpointId]')
say "asking for a connection: $asking"
failed=$(provider ec2 accept-vpc-endpoint-connections --service-id "$service" \
  --vpc-endpoint-ids "$endpoint" --query 'length(Unsuccessful)')
[[ $failed == 0 ]]
until_endpoint_is available

# 5. Rejecting a connection that works cuts it.
provider ec2 reject-vpc-endpoint-connections --service-id "$service" \
  --vpc-endpoint-ids "$endpoint" >/dev/null
until_endpoint_is rejected

# 6. Everybody cleans up; the service can't go while somebody is connected. (The two VPCs stay.)
consumer ec2 delete-vpc-endpoints --vpc-endpoint-ids "$endpoint" >/dev/null
provider ec2 delete-vpc-endpoint-service-configurations --service-ids "$service" >/dev/null
provider elbv2 delete-load-balancer --load-balancer-arn "$balancer"
say "done"
