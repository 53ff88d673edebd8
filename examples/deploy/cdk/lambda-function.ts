import { fileURLToPath } from 'node:url'
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, Code, Function, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

export interface LambdaProps {
  /** The folder of `dist/lambda` that `build.mjs` made. */
  bundle: string
  timeoutSeconds: number
  /** How many run at once at most. By default that is a matter of the account. */
  reservedConcurrency?: number
  environment?: Record<string, string>
  /** What the Lambda may do besides writing its own log. */
  statements?: PolicyStatement[]
}

/**
 * Makes a Lambda with a role of its own. The default role of CDK has `AWSLambdaBasicExecutionRole`. It may
 * create and write every log group of the account.
 */
export function lambdaFunction(
  scope: Construct,
  id: string,
  { bundle, timeoutSeconds, reservedConcurrency, environment = {}, statements = [] }: LambdaProps,
): Function {
  const logGroup = new LogGroup(scope, `${id}Logs`, {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const writeLog = new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  })
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { own: new PolicyDocument({ statements: [writeLog, ...statements] }) },
  })
  return new Function(scope, id, {
    code: Code.fromAsset(fileURLToPath(new URL(`../lambda/${bundle}`, import.meta.url))),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: 512,
    timeout: Duration.seconds(timeoutSeconds),
    ...(reservedConcurrency && { reservedConcurrentExecutions: reservedConcurrency }),
    environment,
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
  })
}
