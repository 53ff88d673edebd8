"""Uses every operation of the payments service with boto3, and prints what it saw as JSON."""

import json
import sys
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

url, manager_arn, connector_id = sys.argv[1:4]
config = Config(retries={"max_attempts": 1})
data = boto3.client("bedrock-agentcore", endpoint_url=url, config=config)
control = boto3.client("bedrock-agentcore-control", endpoint_url=url, config=config)
seen = {}


def less(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def error_of(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        response = error.response
        return {
            "class": type(error).__name__,
            "code": response["Error"]["Code"],
            "message": response["Error"]["Message"],
            "status": response["ResponseMetadata"]["HTTPStatusCode"],
            "reason": response.get("reason"),
            "fields": [field["name"] for field in response.get("fieldList", [])],
        }
    return None


# The control plane, from nothing to a connector and back.
provider = control.create_payment_credential_provider(
    name="mine",
    credentialProviderVendor="CoinbaseCDP",
    providerConfigurationInput={
        "coinbaseCdpConfiguration": {"apiKeyId": "k", "apiKeySecret": "s", "walletSecret": "w"}
    },
)
seen["provider"] = less(control.get_payment_credential_provider(name="mine"))
seen["providers"] = [p["name"] for p in control.list_payment_credential_providers()["credentialProviders"]]
control.update_payment_credential_provider(
    name="mine",
    credentialProviderVendor="CoinbaseCDP",
    providerConfigurationInput={
        "coinbaseCdpConfiguration": {"apiKeyId": "k2", "apiKeySecret": "s", "walletSecret": "w"}
    },
)
manager = control.create_payment_manager(
    name="Boto", authorizerType="AWS_IAM", roleArn="arn:aws:iam::123456789012:role/x"
)
manager_id = manager["paymentManagerId"]
seen["manager"] = less(control.get_payment_manager(paymentManagerId=manager_id))
seen["updated"] = control.update_payment_manager(paymentManagerId=manager_id, description="New")["status"]
seen["managers"] = [
    m["name"] for page in control.get_paginator("list_payment_managers").paginate() for m in page["paymentManagers"]
]
connector = control.create_payment_connector(
    paymentManagerId=manager_id,
    name="cdp",
    type="CoinbaseCDP",
    credentialProviderConfigurations=[
        {"coinbaseCDP": {"credentialProviderArn": provider["credentialProviderArn"]}}
    ],
)
named = {"paymentManagerId": manager_id, "paymentConnectorId": connector["paymentConnectorId"]}
seen["connector"] = less(control.get_payment_connector(**named))
seen["connectors"] = len(control.list_payment_connectors(paymentManagerId=manager_id)["paymentConnectors"])
seen["connectorUpdated"] = control.update_payment_connector(**named, description="New")["status"]
control.get_payment_connector(**named)
seen["conflict"] = error_of(control.delete_payment_manager, paymentManagerId=manager_id)
seen["providerInUse"] = error_of(control.delete_payment_credential_provider, name="mine")
seen["connectorDeleted"] = control.delete_payment_connector(**named)["status"]
seen["managerDeleted"] = control.delete_payment_manager(paymentManagerId=manager_id)["status"]
seen["managerGone"] = error_of(control.get_payment_manager, paymentManagerId=manager_id)
control.delete_payment_credential_provider(name="mine")

# The data plane, with the manager that was given.
base = {"userId": "boto-user", "paymentManagerArn": manager_arn}
instrument = data.create_payment_instrument(
    **base,
    agentName="agent",
    paymentConnectorId=connector_id,
    paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
    paymentInstrumentDetails={
        "embeddedCryptoWallet": {
            "network": "ETHEREUM",
            "linkedAccounts": [{"email": {"emailAddress": "a@example.com"}}],
        }
    },
)["paymentInstrument"]
wallet = {**base, "paymentConnectorId": connector_id, "paymentInstrumentId": instrument["paymentInstrumentId"]}
seen["instrument"] = data.get_payment_instrument(**wallet)["paymentInstrument"]
seen["balance"] = data.get_payment_instrument_balance(**wallet, chain="BASE_SEPOLIA", token="USDC")["tokenBalance"]
limits = {"maxSpendAmount": {"value": "0.03", "currency": "USD"}}
sessions = [
    data.create_payment_session(**base, expiryTimeInMinutes=60, limits=limits)["paymentSession"] for _ in range(3)
]
paged, token = [], {}
while True:
    page = data.list_payment_sessions(**base, maxResults=2, **token)
    paged.append(len(page["paymentSessions"]))
    if "nextToken" not in page:
        break
    token = {"nextToken": page["nextToken"]}
seen["pages"] = paged
seen["instruments"] = len(data.list_payment_instruments(**base)["paymentInstruments"])
session_id = sessions[0]["paymentSessionId"]
payment = {
    **base,
    "paymentSessionId": session_id,
    "paymentInstrumentId": instrument["paymentInstrumentId"],
    "paymentType": "CRYPTO_X402",
    "paymentInput": {
        "cryptoX402": {
            "version": "1",
            "payload": {
                "scheme": "exact",
                "network": "base-sepolia",
                "maxAmountRequired": "20000",
                "resource": "https://seller.example.com/data",
                "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
                "maxTimeoutSeconds": 300,
                "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
                "outputSchema": None,
                "extra": {"name": "USDC", "version": "2"},
            },
        }
    },
}
client_token = str(uuid.uuid4())
paid = data.process_payment(**payment, clientToken=client_token)
seen["paid"] = less(paid)
again = data.process_payment(**payment, clientToken=client_token)
seen["sameProof"] = again["paymentOutput"] == paid["paymentOutput"]
seen["overBudget"] = error_of(data.process_payment, **payment)
seen["session"] = data.get_payment_session(**base, paymentSessionId=session_id)["paymentSession"]
seen["mismatch"] = error_of(
    data.create_payment_session, **base, expiryTimeInMinutes=15, clientToken=client_token
) or error_of(data.create_payment_session, **base, expiryTimeInMinutes=16, clientToken=client_token)
seen["tooLong"] = error_of(data.create_payment_session, **base, expiryTimeInMinutes=481)
seen["nobody"] = error_of(data.list_payment_sessions, paymentManagerArn=manager_arn)
seen["instrumentDeleted"] = data.delete_payment_instrument(**wallet)["status"]
seen["instrumentGone"] = error_of(data.get_payment_instrument, **wallet)
seen["sessionDeleted"] = data.delete_payment_session(**base, paymentSessionId=session_id)["status"]
seen["sessionGone"] = error_of(data.get_payment_session, **base, paymentSessionId=session_id)

print(json.dumps(seen, default=lambda value: value.isoformat()))
