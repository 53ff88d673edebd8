import type { CfnAlarm, CfnAlarmProps } from 'aws-cdk-lib/aws-cloudwatch'

/** An alarm, without what all alarms have. */
export type Alarm = Omit<Partial<CfnAlarmProps>, 'evaluationPeriods'> & {
  /** The heading of its runbook. */
  runbook: string
  evaluationPeriods: number
}

/** What the functions and the worker send to the table. */
const OPERATIONS = [
  ...['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
  ...['Query', 'TransactWriteItems'],
]
const LATENCY_OPERATIONS = ['GetItem', 'PutItem', 'UpdateItem']

/**
 * How the table does. DynamoDB has a metric for each operation, and sends it only if there was such a request.
 * `UserErrors` is not watched, since it counts every table of the account.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 */
export function tableAlarms(table: string): Record<string, Alarm> {
  return {
    TableThrottles: {
      runbook: 'The table is throttled',
      metrics: overOperations(
        { table, name: 'ThrottledRequests', stat: 'Sum', by: 'SUM' },
        OPERATIONS,
      ),
      evaluationPeriods: 1,
      treatMissingData: 'notBreaching',
    },
    TableLatency: {
      runbook: 'The table is slow',
      metrics: overOperations(
        { table, name: 'SuccessfulRequestLatency', stat: 'Average', by: 'MAX' },
        LATENCY_OPERATIONS,
      ),
      threshold: 30, // ms
      evaluationPeriods: 3,
      treatMissingData: 'notBreaching',
    },
  }
}

/** One figure of the same metric of several operations. */
function overOperations(
  { table, name, stat, by }: { table: string; name: string; stat: string; by: 'SUM' | 'MAX' },
  operations: string[],
): CfnAlarm.MetricDataQueryProperty[] {
  const ids = operations.map((operation) => operation.charAt(0).toLowerCase() + operation.slice(1))
  return [
    { id: 'all', expression: `${by}([${ids.join(', ')}])`, label: name, returnData: true },
    ...operations.map((operation, index) => ({
      id: ids[index] ?? '',
      metricStat: {
        metric: {
          namespace: 'AWS/DynamoDB',
          metricName: name,
          dimensions: [
            { name: 'TableName', value: table },
            { name: 'Operation', value: operation },
          ],
        },
        period: 300,
        stat,
      },
      returnData: false,
    })),
  ]
}
