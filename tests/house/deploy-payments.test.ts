import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { TTL_ATTRIBUTE, tableDefinition } from '../../src/store/index.js'
import { metricLine, Tally } from '../../src/worker/report.js'
import { comparable, type Template } from './support/cloudformation.js'
import { bundled, deployed, propertiesOf, resourcesOf, type Kind } from './support/deployed.js'
import { headingsIn } from './support/pages.js'

const KEY_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:nvm-api-key-AbCdEf'
const PAYMENTS_ARN = KEY_ARN.replace('nvm-api-key', 'x402-payments')
const CONTEXT = { planId: '123', apiKeySecretArn: KEY_ARN, paymentsSecretArn: PAYMENTS_ARN }
const PARAMETERS = { NvmApiKeySecretArn: KEY_ARN, PaymentsSecretArn: PAYMENTS_ARN }
const KINDS: Kind[] = ['CDK', 'SAM']

const templates = new Map<Kind, Template>()
let bundle: string

beforeAll(async () => {
  bundle = await bundled()
  const all = await deployed(bundle, [CONTEXT])
  for (const kind of KINDS) {
    templates.set(kind, comparable(all.template(kind, 'payments'), PARAMETERS))
  }
}, 90_000)
afterAll(() => rm(bundle, { recursive: true }))

/** What may be done to the table itself by a call that sells, and by the worker. */
const CALL_ACTIONS = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem']
const OPERATOR_ACTIONS = ['Scan', 'GetItem', 'UpdateItem', 'DeleteItem', 'DescribeTable']

const allow = (actions: string[], Resource: unknown) => ({
  Effect: 'Allow',
  Action: actions.length === 1 ? actions[0] : actions,
  Resource,
})
const onTable = (actions: string[]) =>
  allow(
    actions.map((name) => `dynamodb:${name}`),
    '${PaymentsTable.Arn}',
  )
const queryDue = allow(['dynamodb:Query'], '${PaymentsTable.Arn}/index/due')

describe.each(KINDS)('the payments stack: %s', (kind) => {
  let template: Template
  beforeAll(() => {
    template = templates.get(kind) ?? { Resources: {} }
  })

  test('the table is the one of the package, and is not lost by a mistake', () => {
    expect(template.Resources['PaymentsTable']).toEqual({
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        ...tableDefinition('x402-payments'),
        TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
        SSESpecification: { SSEEnabled: true },
      },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    })
  })

  test('the worker may use the table and read its index, and the schedule may call the worker', () => {
    const statements = resourcesOf(template, 'AWS::IAM::Role').map(([id, { Properties }]) => {
      const policies = Properties.Policies as { PolicyDocument: { Statement: unknown[] } }[]
      return [id, policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)]
    })
    const writeLog = ['logs:CreateLogStream', 'logs:PutLogEvents']
    expect(Object.fromEntries(statements)).toEqual({
      SettlementWorkerRole: [
        allow(writeLog, '${SettlementWorkerLogs.Arn}'),
        allow(['secretsmanager:GetSecretValue'], [KEY_ARN, PAYMENTS_ARN]),
        onTable(CALL_ACTIONS),
        queryDue,
      ],
      EveryMinuteRole: [allow(['lambda:InvokeFunction'], '${SettlementWorker.Arn}')],
    })
    expect(JSON.stringify(template)).not.toMatch(/"\*"|ManagedPolicyArns|\{\{resolve:/)
  })

  test('only the policy of the operators may scan, and nobody has it yet', () => {
    expect(propertiesOf(template, 'AWS::IAM::ManagedPolicy')).toEqual({
      Description: expect.any(String),
      Path: '/',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [onTable(OPERATOR_ACTIONS), queryDue],
      },
    })
    expect(JSON.stringify(template).match(/dynamodb:Scan/g)).toHaveLength(1)
  })

  test('the schedule calls the worker every minute, and only this account may use its role', () => {
    expect(propertiesOf(template, 'AWS::Scheduler::Schedule')).toEqual({
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: '${SettlementWorker.Arn}',
        RoleArn: '${EveryMinuteRole.Arn}',
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    })
    const { AssumeRolePolicyDocument } = template.Resources['EveryMinuteRole']?.Properties ?? {}
    const here = '${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}'
    expect(AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'scheduler.amazonaws.com' },
          Condition: {
            StringEquals: {
              'aws:SourceAccount': '${AWS::AccountId}',
              'aws:SourceArn': `arn:${here}:schedule-group/default`,
            },
          },
        },
      ],
    })
  })

  test('the worker runs alone for at most five minutes, and late calls are dropped', () => {
    expect(propertiesOf(template, 'AWS::Lambda::Function')).toMatchObject({
      Timeout: 300,
      ReservedConcurrentExecutions: 1,
      LoggingConfig: { LogFormat: 'JSON', LogGroup: '${SettlementWorkerLogs}' },
      Environment: {
        Variables: {
          NVM_API_KEY_SECRET_ARN: KEY_ARN,
          PAYMENTS_TABLE: '${PaymentsTable}',
          PAYMENTS_SECRET_ARN: PAYMENTS_ARN,
        },
      },
    })
    expect(propertiesOf(template, 'AWS::Lambda::EventInvokeConfig')).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    })
  })

  interface Alarm {
    AlarmDescription: string
    Namespace?: string
    MetricName?: string
    Dimensions?: { Name: string; Value: string }[]
    Metrics?: { Expression?: string; MetricStat?: { Metric: Alarm; Stat: string } }[]
    [name: string]: unknown
  }
  const alarms = (): [string, Alarm][] =>
    resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([id, { Properties }]) => [
      id,
      Properties as Alarm,
    ])

  test('every alarm has a runbook, and every runbook an alarm', () => {
    const named = alarms().map(([id, { AlarmDescription }]) => {
      const [, runbook] = /^Runbook "(.+)" in docs\/runbooks\.md/.exec(AlarmDescription) ?? []
      return runbook ?? `none: ${id}`
    })
    expect(named.toSorted()).toEqual(headingsIn('docs/runbooks.md').toSorted())
  })

  test('every alarm tells the topic, also when it is over', () => {
    const actions = alarms().map(([, { AlarmActions, OKActions }]) => [AlarmActions, OKActions])
    expect(actions).toEqual(actions.map(() => [['${AlarmTopic}'], ['${AlarmTopic}']]))
    expect(actions.length).toBeGreaterThan(0)
  })

  test('alarms begin and end where the design says', () => {
    const facts = alarms().map(([id, one]) => {
      const sign = one['ComparisonOperator'] === 'LessThanThreshold' ? '<' : '>'
      const { Statistic, Period, EvaluationPeriods, TreatMissingData } = one
      return [
        id,
        `${sign} ${String(one['Threshold'])}`,
        Statistic,
        Period,
        EvaluationPeriods,
        TreatMissingData,
      ]
    })
    expect(facts).toEqual([
      ['OpenTooLong', '> 900', 'Maximum', 900, 1, 'ignore'],
      ['DeadPayments', '> 0', 'Maximum', 300, 1, 'ignore'],
      ['RefundsDue', '> 0', 'Maximum', 300, 1, 'ignore'],
      ['WorkerErrors', '> 0', 'Sum', 300, 2, 'notBreaching'],
      ['WorkerSilent', '< 1', 'Sum', 300, 2, 'breaching'],
      ['WorkerIncomplete', '> 0', 'Minimum', 900, 2, 'notBreaching'],
      ['WorkerFailures', '> 0', 'Minimum', 900, 1, 'notBreaching'],
      ['TableThrottles', '> 0', undefined, undefined, 1, 'notBreaching'],
      ['TableLatency', '> 30', undefined, undefined, 3, 'notBreaching'],
    ])
  })

  test('the worker writes every metric of its own that is watched', () => {
    const line = metricLine(new Tally().report({ refundsDue: 0, dead: 0 }, true), 'payments', 0)
    const own = alarms().filter(([, { Namespace }]) => Namespace === 'agentcore-x402')
    expect(own).toHaveLength(5)
    for (const [, { MetricName = '', Dimensions }] of own) {
      expect(JSON.parse(line)).toHaveProperty(MetricName)
      expect(Dimensions).toEqual([{ Name: 'Table', Value: '${PaymentsTable}' }])
    }
  })

  test('the page of what it costs counts the alarms and the metrics', () => {
    const page = readFileSync('examples/deploy/PAYMENTS.md', 'utf8')
    const line = metricLine(new Tally().report({ refundsDue: 0, dead: 0 }, true), 'payments', 0)
    const { _aws, Table, ...metrics } = JSON.parse(line) as Record<string, unknown>
    expect({ _aws, Table }).toMatchObject({ Table: 'payments' })
    const counts = alarms().map(
      ([, { Metrics }]) => Metrics?.filter(({ MetricStat }) => MetricStat).length ?? 1,
    )
    const watched = counts.reduce((sum, count) => sum + count, 0)
    expect(page).toContain(`| ${Object.keys(metrics).length} of the worker, for each table |`)
    expect(page).toContain(`${alarms().length} alarms on ${watched} metrics`)
  })

  test("AWS's own metrics are watched by the dimensions that AWS gives them", () => {
    const metrics = alarms().flatMap(([, { Metrics, ...own }]) =>
      Metrics === undefined ? [own] : Metrics.flatMap((one) => one.MetricStat?.Metric ?? []),
    )
    const seen = metrics
      .filter(({ Namespace }) => Namespace?.startsWith('AWS/'))
      .map(({ MetricName, Dimensions = [] }) =>
        [MetricName, ...Dimensions.map(({ Name, Value }) => `${Name}=${Value}`)].join(' '),
      )
    const table = 'TableName=${PaymentsTable}'
    const all = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'TransactWriteItems']
    expect(seen).toEqual([
      'Errors FunctionName=${SettlementWorker}',
      'Invocations FunctionName=${SettlementWorker}',
      ...all.map((name) => `ThrottledRequests ${table} Operation=${name}`),
      ...all.slice(0, 3).map((name) => `SuccessfulRequestLatency ${table} Operation=${name}`),
    ])
  })
})
