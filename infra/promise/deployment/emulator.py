"""MiniStack, with what its CloudFormation lacks of ours, so that the template that is
deployed to AWS is deployed here as it is.

What is made otherwise than on AWS is put right. What is not made at all is taken as
given, and named in the log: a line "taken as given: TYPE". With AUTH=true every call of
a function is held against the policies of its role; a line "denied: …" names one that is
refused.
"""

import base64
import email
import hashlib
import json
import logging
import sys
from email.utils import parseaddr

from ministack.app import main
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import _request_region
from ministack.services import ses
from ministack.services.cloudformation import engine, provisioners

log = logging.getLogger("yakusoku")


def given(kind):
    """Handlers of a type that is taken as given: a name, and no resource behind it."""

    def attributes(name, props):
        return {
            **{key: value for key, value in props.items() if isinstance(value, str)},
            "Arn": f"arn:aws:given:us-east-1:000000000000:{name}",
            "Id": name,
        }

    def create(logical_id, props, stack):
        log.warning("taken as given: %s", kind)
        name = f"{stack}-{logical_id}"
        return name, attributes(name, props)

    def update(name, old, new, stack):
        return name, attributes(name, new)

    return {"create": create, "update": update, "delete": lambda name, props: None}


class Handlers(dict):
    """The handlers by type. Those of AWS that MiniStack does not know are taken as given."""

    def lacks(self, kind):
        ours = kind.startswith("AWS::") and not kind.startswith(("AWS::CloudFormation::", "AWS::Serverless::"))
        return ours and not super().__contains__(kind)

    def __contains__(self, kind):
        return super().__contains__(kind) or self.lacks(kind)

    def get(self, kind, default=None):
        return given(kind) if self.lacks(kind) else super().get(kind, default)


handlers = provisioners._RESOURCE_HANDLERS = Handlers(provisioners._RESOURCE_HANDLERS)


def made(kind):
    """MiniStack's own handlers of a type, which ours replace."""
    own = dict(handlers[kind])
    handlers[kind] = dict(own)
    return own


# An alarm on a formula of metrics is refused.
alarm = made("AWS::CloudWatch::Alarm")


def create_alarm(logical_id, props, stack):
    chosen = given("AWS::CloudWatch::Alarm on a formula") if props.get("Metrics") else alarm
    return chosen["create"](logical_id, props, stack)


handlers["AWS::CloudWatch::Alarm"]["create"] = create_alarm

# A user pool does not say who its tokens' issuer is.
pool_attributes = provisioners._cognito_user_pool_attributes


def with_issuer(pool):
    attributes = pool_attributes(pool)
    return {**attributes, "ProviderURL": "https://" + attributes["ProviderName"]}


provisioners._cognito_user_pool_attributes = with_issuer

# A secret is referred to by its name, where CloudFormation gives its ARN; and a name that
# is left out is not made of the logical id.
secret = made("AWS::SecretsManager::Secret")


def named(props, logical_id, stack):
    end = hashlib.sha256(f"{stack} {logical_id}".encode()).hexdigest()[:12]
    return {"Name": f"{logical_id}-{end}", **props}


def name_of(arn):
    return arn.split(":")[6].rpartition("-")[0]


def create_secret(logical_id, props, stack):
    _, attributes = secret["create"](logical_id, named(props, logical_id, stack), stack)
    return attributes["Arn"], attributes


def update_secret(arn, old, new, stack, logical_id=None):
    old, new = named(old, logical_id, stack), named(new, logical_id, stack)
    _, attributes = secret["update"](name_of(arn), old, new, stack, logical_id)
    return attributes["Arn"], attributes


handlers["AWS::SecretsManager::Secret"].update(
    create=create_secret, update=update_secret, delete=lambda arn, props: secret["delete"](name_of(arn), props)
)

# A mail identity does not say what its DNS records are.
identity = made("AWS::SES::EmailIdentity")


def with_records(name, attributes):
    for n, token in enumerate(ses._dkim_tokens(name), 1):
        attributes[f"DkimDNSTokenName{n}"] = f"{token}._domainkey.{name}"
        attributes[f"DkimDNSTokenValue{n}"] = f"{token}.dkim.amazonses.com"
    return name, attributes


handlers["AWS::SES::EmailIdentity"].update(
    create=lambda *asked: with_records(*identity["create"](*asked)),
    update=lambda *asked, **more: with_records(*identity["update"](*asked, **more)),
)

# A stack that is asked for an output is looked for in the region of who asks, whatever
# region it is said to be in.
resolve = engine._resolve_refs


def resolve_in_region(value, *rest, **more):
    spec = value.get("Fn::GetStackOutput") if isinstance(value, dict) else None
    if not spec or "Region" not in spec:
        return resolve(value, *rest, **more)
    there = _request_region.set(spec["Region"])
    try:
        return resolve(value, *rest, **more)
    finally:
        _request_region.reset(there)


engine._resolve_refs = resolve_in_region

# Who sends a mail acts on an identity, which MiniStack does not look for: here it is the
# domain that the mail comes from.
mail_resource = iam_actions._ses_v2_resource_arn


def resource_of_mail(method, path, body, region, account):
    if not path.endswith("/outbound-emails"):
        return mail_resource(method, path, body, region, account)
    raw = base64.b64decode(json.loads(body)["Content"]["Raw"]["Data"])
    _, _, domain = parseaddr(email.message_from_bytes(raw)["From"])[1].rpartition("@")
    return f"arn:aws:ses:{region}:{account}:identity/{domain}"


iam_actions._ses_v2_resource_arn = resource_of_mail

# Nor does it say which items a call of DynamoDB touches. Of a query, which nobody makes
# whose items are narrowed, it still does not.
table_context = iam_actions.dynamodb_service_context


def table_context_with_items(body):
    asked = json.loads(body or b"{}")
    items = [asked.get("Key"), asked.get("Item")]
    for wanted in asked.get("RequestItems", {}).values():
        items += wanted["Keys"] if "Keys" in wanted else [i for w in wanted for i in item_of(w)]
    for part in asked.get("TransactItems", []):
        items += item_of(part)
    keys = {i["pk"]["S"] for i in items if i}
    return {**(table_context(body) or {}), **({"dynamodb:LeadingKeys": sorted(keys)} if keys else {})}


def item_of(write):
    return [w.get("Key") or w.get("Item") for w in write.values()]


iam_actions.dynamodb_service_context = table_context_with_items

# The roles of `cdk bootstrap` have conditions on what MiniStack does not say of a call
# (aws:ResourceAccount). They are CDK's own, and not what is tried here.
enforce = iam_evaluator.enforce


def enforce_and_tell(key, action, service, region, resource_arn="*", **more):
    caller = (iam_evaluator.resolve_caller_identity(key) or {}).get("userArn", "nobody")
    if ":assumed-role/cdk-" in caller:
        return None
    refusal = enforce(key, action, service, region, resource_arn=resource_arn, **more)
    if refusal is not None:
        log.warning("denied: %s to %s on %s", action, caller, resource_arn)
    return refusal


iam_evaluator.enforce = enforce_and_tell

sys.exit(main())
