import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Function } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { lambdaFunction } from './lambda-function.js'
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
 * Makes a Lambda that verifies and settles. It gets the ARN of the API key's secret, and may read that one
 * secret.
 */
export function sellerFunction(
  scope: Construct,
  id: string,
  { bundle, settings, workSeconds }: SellerProps,
): Function {
  const { apiKeySecretArn, planId, agentId, endpoint } = settings
  return lambdaFunction(scope, id, {
    bundle,
    timeoutSeconds: PAYMENT_SECONDS + workSeconds,
    environment: {
      NVM_API_KEY_SECRET_ARN: apiKeySecretArn,
      NVM_PLAN_ID: planId,
      ...(agentId && { NVM_AGENT_ID: agentId }),
      ...(endpoint && { NVM_ENDPOINT: endpoint }),
    },
    statements: [
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [apiKeySecretArn],
      }),
    ],
  })
}
