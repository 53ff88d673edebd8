import { TTL_ATTRIBUTE, tableDefinition } from 'agentcore-x402/dynamodb'
import { Aws, CfnResource, RemovalPolicy } from 'aws-cdk-lib'
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'

/**
 * The table in which every function that sells remembers payments. Its keys and its index are those of the
 * package. It stays when the stack is deleted: its records say who was charged, and who gets money back.
 */
export function paymentsTable(scope: Construct, name: string): CfnResource {
  const table = new CfnResource(scope, 'PaymentsTable', {
    type: 'AWS::DynamoDB::Table',
    properties: {
      ...tableDefinition(name),
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
      // The key is the account's own for DynamoDB, so CloudTrail shows its use.
      SSESpecification: { SSEEnabled: true },
    },
  })
  table.applyRemovalPolicy(RemovalPolicy.RETAIN)
  return table
}

/** The ARN of a table of this account and region. */
export function tableArn(name: string): string {
  return `arn:${Aws.PARTITION}:dynamodb:${Aws.REGION}:${Aws.ACCOUNT_ID}:table/${name}`
}

/** What a call does with the table. It neither reads the index nor scans. */
export function mayUseTable(arn: string): PolicyStatement {
  return new PolicyStatement({
    actions: [
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    ],
    resources: [arn],
  })
}

/** What the worker does besides. */
export function mayReadDue(arn: string): PolicyStatement {
  return new PolicyStatement({ actions: ['dynamodb:Query'], resources: [`${arn}/index/due`] })
}

/** What people need who look after payments. No function has this policy. Attach it to their role. */
export function operatorPolicy(scope: Construct, arn: string): ManagedPolicy {
  return new ManagedPolicy(scope, 'PaymentsOperator', {
    description: 'Look after the payments table with the commands of agentcore-x402 payments',
    statements: [
      new PolicyStatement({
        actions: [
          'dynamodb:Scan',
          'dynamodb:GetItem',
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
          'dynamodb:DescribeTable',
        ],
        resources: [arn],
      }),
      mayReadDue(arn),
    ],
  })
}
