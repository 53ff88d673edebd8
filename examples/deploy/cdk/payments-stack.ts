import { CfnOutput, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { operatorPolicy, paymentsTable } from './payments-table.js'
import { settlementWorker } from './settlement-worker.js'
import type { Settings } from './settings.js'

/**
 * The table of payments, the worker that ends what is open, and the policy of the people who look after it.
 * Deploy it once for each region, before the functions that sell.
 */
export class PaymentsStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id)
    const table = paymentsTable(this, settings.paymentsTable)
    settlementWorker(this, table, settings)
    const operators = operatorPolicy(this, table.getAtt('Arn').toString())
    new CfnOutput(this, 'OperatorPolicyArn', { value: operators.managedPolicyArn })
  }
}
