import { Aws, Duration, type CfnResource } from 'aws-cdk-lib'
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Function } from 'aws-cdk-lib/aws-lambda'
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler'
import type { Construct } from 'constructs'
import { lambdaFunction } from './lambda-function.js'
import { mayReadDue, mayUseTable } from './payments-table.js'
import { mayReadSecrets } from './seller-function.js'
import type { Settings } from './settings.js'

/** Makes the Lambda that ends open payments, and the schedule that calls it every minute. */
export function settlementWorker(
  scope: Construct,
  table: CfnResource,
  { apiKeySecretArn, paymentsSecretArn }: Settings,
): Function {
  const arn = table.getAtt('Arn').toString()
  const worker = lambdaFunction(scope, 'SettlementWorker', {
    bundle: 'settlement-worker',
    timeoutSeconds: 300,
    // One at a time is enough. A second one would do no harm.
    reservedConcurrency: 1,
    environment: {
      NVM_API_KEY_SECRET_ARN: apiKeySecretArn,
      PAYMENTS_TABLE: table.ref,
      PAYMENTS_SECRET_ARN: paymentsSecretArn,
    },
    statements: [
      mayReadSecrets([apiKeySecretArn, paymentsSecretArn]),
      mayUseTable(arn),
      mayReadDue(arn),
    ],
  })
  // The next minute brings the next call. A call that waits while the worker runs is dropped.
  worker.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
  new CfnSchedule(scope, 'EveryMinute', {
    scheduleExpression: 'rate(1 minute)',
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: worker.functionArn,
      roleArn: scheduleRole(scope, worker).roleArn,
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
    },
  })
  return worker
}

/**
 * The role of the schedule. AWS lets its trust name the group of schedules, and not a single one.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
 */
function scheduleRole(scope: Construct, worker: Function): Role {
  const groups = `arn:${Aws.PARTITION}:scheduler:${Aws.REGION}:${Aws.ACCOUNT_ID}:schedule-group`
  const call = new PolicyStatement({
    actions: ['lambda:InvokeFunction'],
    resources: [worker.functionArn],
  })
  return new Role(scope, 'EveryMinuteRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: {
        StringEquals: {
          'aws:SourceAccount': Aws.ACCOUNT_ID,
          'aws:SourceArn': `${groups}/default`,
        },
      },
    }),
    inlinePolicies: { call: new PolicyDocument({ statements: [call] }) },
  })
}
