import { CfnOutput, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { paymentsAlarms } from './payments-alarms.js'
import { operatorPolicy, paymentsTable } from './payments-table.js'
import { settlementWorker } from './settlement-worker.js'
import type { Settings } from './settings.js'

/**
 * The table of payments, the worker that ends what is open, the alarms, and the policy of the people who look after it.
 * Deploy it once for each region, before the functions that sell.
 */
export class PaymentsStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id)
    const table = paymentsTable(this, settings.paymentsTable)
    const worker = settlementWorker(this, table, settings)
    const { alarmEmail } = settings
    paymentsAlarms(this, {
      table: table.ref,
      worker: worker.functionName,
      ...(alarmEmail && { alarmEmail }),
    })
    const operators = operatorPolicy(this, table.getAtt('Arn').toString())
    new CfnOutput(this, 'OperatorPolicyArn', { value: operators.managedPolicyArn })
  }
}
