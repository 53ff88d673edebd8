import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Function } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { lambdaFunction } from './lambda-function.js'
import { mayUseTable, tableArn } from './payments-table.js'
import type { Settings } from './settings.js'

/** The time for verify (5 s), settle (25 s) and the answer. */
const PAYMENT_SECONDS = 35

export interface SellerProps {
  bundle: string
  settings: Settings
  /** The time for the work itself, without the payment. Unit: s. */
  workSeconds: number
}

/**
 * Makes a Lambda that verifies and settles, and remembers payments in the table. It gets the ARNs of the
 * secrets with the API key and with the table's secret, and may read these two.
 */
export function sellerFunction(
  scope: Construct,
  id: string,
  { bundle, settings, workSeconds }: SellerProps,
): Function {
  const { apiKeySecretArn, planId, agentId, endpoint, paymentsTable, paymentsSecretArn } = settings
  return lambdaFunction(scope, id, {
    bundle,
    timeoutSeconds: PAYMENT_SECONDS + workSeconds,
    environment: {
      NVM_API_KEY_SECRET_ARN: apiKeySecretArn,
      NVM_PLAN_ID: planId,
      PAYMENTS_TABLE: paymentsTable,
      PAYMENTS_SECRET_ARN: paymentsSecretArn,
      ...(agentId && { NVM_AGENT_ID: agentId }),
      ...(endpoint && { NVM_ENDPOINT: endpoint }),
    },
    statements: [
      mayReadSecrets([apiKeySecretArn, paymentsSecretArn]),
      mayUseTable(tableArn(paymentsTable)),
    ],
  })
}

export function mayReadSecrets(arns: string[]): PolicyStatement {
  return new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: arns })
}
