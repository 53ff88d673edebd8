import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Function } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { lambdaFunction } from './lambda-function.js'
import type { Settings } from './settings.js'

/** Verify may take 5 s, settle 25 s, and an answer takes a moment. */
const PAYMENT_SECONDS = 35

export interface SellerProps {
  bundle: string
  settings: Settings
  /** Time for work of its own, beyond that for the payment. */
  workSeconds: number
}

/** A Lambda that verifies and settles: it is told where the API key is, and may read that one secret. */
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
