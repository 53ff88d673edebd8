import { CfnOutput } from 'aws-cdk-lib'
import { CfnAlarm, type CfnAlarmProps } from 'aws-cdk-lib/aws-cloudwatch'
import { CfnSubscription, CfnTopic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'
import { type Alarm, tableAlarms } from './table-alarms.js'

/** What the alarms watch. */
export interface Watched {
  /** The name of the table. */
  table: string
  /** The name of the worker's function. */
  worker: string
  /** Who gets an e-mail. AWS first asks that address to confirm. */
  alarmEmail?: string
}

const RUNBOOKS = 'docs/runbooks.md of agentcore-x402'

/** Makes the alarms, and the topic that they tell. Each description names the runbook of its alarm. */
export function paymentsAlarms(scope: Construct, { table, worker, alarmEmail }: Watched): void {
  const topic = new CfnTopic(scope, 'AlarmTopic', { displayName: 'x402 payments' })
  if (alarmEmail) {
    new CfnSubscription(scope, 'AlarmEmail', {
      topicArn: topic.ref,
      protocol: 'email',
      endpoint: alarmEmail,
    })
  }
  const all = { ...ofRecords(table), ...ofWorker(worker, table), ...tableAlarms(table) }
  for (const [id, { runbook, threshold, ...alarm }] of Object.entries(all)) {
    new CfnAlarm(scope, id, {
      alarmDescription: `Runbook "${runbook}" in ${RUNBOOKS}`,
      alarmActions: [topic.ref],
      okActions: [topic.ref],
      comparisonOperator: 'GreaterThanThreshold',
      threshold: threshold ?? 0,
      ...alarm,
    })
  }
  new CfnOutput(scope, 'AlarmTopicArn', { value: topic.ref })
}

/** A metric that the worker writes at the end of each run. */
function workerMetric(table: string, metricName: string): Partial<CfnAlarmProps> {
  return {
    namespace: 'agentcore-x402',
    metricName,
    dimensions: [{ name: 'Table', value: table }],
  }
}

/** What waits in the table. Without a run nobody knows, so an alarm stays as it is. */
function ofRecords(table: string): Record<string, Alarm> {
  const waiting = (metricName: string, runbook: string): Alarm => ({
    runbook,
    ...workerMetric(table, metricName),
    statistic: 'Maximum',
    period: 300,
    evaluationPeriods: 1,
    treatMissingData: 'ignore',
  })
  return {
    // The worker looks at an open payment every 10 minutes at the latest. A shorter period could miss it.
    OpenTooLong: {
      ...waiting('OldestOpenSeconds', 'A payment stays open'),
      period: 900,
      threshold: 900,
    },
    DeadPayments: waiting('DeadPayments', 'A payment was given up'),
    RefundsDue: waiting('RefundsDue', 'Refunds are due'),
  }
}

/** How the worker does. It writes no metrics where it fails or does not run, so Lambda's own are watched. */
function ofWorker(worker: string, table: string): Record<string, Alarm> {
  const lambdaMetric = (metricName: string) => ({
    namespace: 'AWS/Lambda',
    metricName,
    dimensions: [{ name: 'FunctionName', value: worker }],
    statistic: 'Sum',
    period: 300,
    evaluationPeriods: 2,
  })
  // A run may take 5 minutes. So a quarter of an hour has at least two of them, and each must be bad.
  const everyRun = (metricName: string) => ({
    ...workerMetric(table, metricName),
    statistic: 'Minimum',
    period: 900,
    treatMissingData: 'notBreaching',
  })
  return {
    WorkerErrors: {
      runbook: 'The worker fails',
      ...lambdaMetric('Errors'),
      treatMissingData: 'notBreaching',
    },
    WorkerSilent: {
      runbook: 'The worker does not run',
      ...lambdaMetric('Invocations'),
      comparisonOperator: 'LessThanThreshold',
      threshold: 1,
      treatMissingData: 'breaching',
    },
    WorkerIncomplete: {
      runbook: 'The worker does not keep up',
      ...everyRun('Incomplete'),
      evaluationPeriods: 2,
    },
    WorkerFailures: {
      runbook: 'The worker fails on a payment',
      ...everyRun('Failed'),
      evaluationPeriods: 1,
    },
  }
}
