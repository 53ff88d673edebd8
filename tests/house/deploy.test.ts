import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { run } from '../support/built.js'
import { comparable, type Template } from './support/cloudformation.js'
import {
  bundled,
  deployed,
  propertiesOf,
  resourcesOf,
  samFile,
  type Deployed,
  type Kind,
  type StackName,
} from './support/deployed.js'
import { problemsOf } from './support/service-spec.js'

const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:nvm-api-key-AbCdEf'
const PAYMENTS_ARN = SECRET_ARN.replace('nvm-api-key', 'x402-payments')
const CONTEXT = { planId: '123', apiKeySecretArn: SECRET_ARN, paymentsSecretArn: PAYMENTS_ARN }
const PARAMETERS = {
  NvmPlanId: '123',
  NvmApiKeySecretArn: SECRET_ARN,
  PaymentsSecretArn: PAYMENTS_ARN,
}

const SELLERS: [Kind, StackName][] = [
  ['CDK', 'decorator'],
  ['CDK', 'interceptor'],
  ['SAM', 'decorator'],
  ['SAM', 'interceptor'],
]
const EVERY: [Kind, StackName][] = [...SELLERS, ['CDK', 'payments'], ['SAM', 'payments']]
const STACKS: StackName[] = ['decorator', 'interceptor', 'payments']

let bundle: string
let all: Deployed

const FULL = {
  ...CONTEXT,
  agentId: 'agent-1',
  endpoint: 'https://tools.example/forecast',
  authorizer: 'NONE',
  paymentsTable: 'of-mine',
  alarmEmail: 'operators@tools.example',
}
const REFUSED: [Record<string, string>, string][] = [
  [{ apiKeySecretArn: SECRET_ARN }, 'give the plan'],
  [{ planId: '123', apiKeySecretArn: 'nvm-api-key' }, 'the whole ARN of the secret'],
  [{ planId: '123', apiKeySecretArn: SECRET_ARN }, '-c paymentsSecretArn='],
  [{ ...CONTEXT, paymentsTable: 'of mine' }, 'paymentsTable is a name'],
  [{ ...CONTEXT, alarmEmail: 'operators' }, 'alarmEmail is an e-mail address'],
  [{ ...CONTEXT, agentId: 'agent-1' }, 'agentId needs endpoint'],
  [{ ...CONTEXT, authorizer: 'aws_iam' }, 'authorizer is AWS_IAM or NONE'],
]

beforeAll(async () => {
  bundle = await bundled()
  all = await deployed(bundle, [CONTEXT, FULL, ...REFUSED.map(([context]) => context)])
}, 90_000)
afterAll(() => rm(bundle, { recursive: true }))

describe('what AWS accepts', () => {
  test.each(EVERY)('%s, %s: every property, value and reference exists', (kind, name) => {
    expect(problemsOf(all.template(kind, name))).toEqual([])
  })

  test.each([
    ['a property that does not exist', 'Tool', { Timeouts: 15 }, 'Tool.Timeouts: unknown property'],
    ['a missing property', 'Gateway', { RoleArn: undefined }, 'Gateway.RoleArn: missing'],
    ['a value of a wrong type', 'Tool', { Timeout: '15' }, 'Tool.Timeout: expected integer'],
    [
      'a wrong property far inside',
      'Gateway',
      { InterceptorConfigurations: [{ InputConfiguration: { PassHeaders: true } }] },
      'Gateway.InterceptorConfigurations[0].InputConfiguration.PassHeaders: unknown property',
    ],
    [
      'a value that is not allowed',
      'ToolLogs',
      { RetentionInDays: 31 },
      'ToolLogs.RetentionInDays: 31 is none of 1, 3, 5',
    ],
    [
      'an attribute that does not exist',
      'GatewayWeather',
      { GatewayIdentifier: { 'Fn::GetAtt': ['Gateway', 'GatewayId'] } },
      'Gateway.GatewayId: AWS::BedrockAgentCore::Gateway has no such attribute',
    ],
    [
      'a reference to nothing',
      'Tool',
      { Role: { 'Fn::Sub': '${Nobody.Arn}' } },
      'Nobody.Arn: there is no Nobody',
    ],
  ])('the check finds %s', (_, id, planted, problem) => {
    const template = structuredClone(all.template('SAM', 'interceptor'))
    const properties = { ...template.Resources[id]?.Properties, ...planted }
    const kept = Object.entries(properties).filter(([, value]) => value !== undefined)
    Object.assign(template.Resources[id] ?? {}, { Properties: Object.fromEntries(kept) })
    expect(problemsOf(template).join('\n')).toContain(problem)
  })

  test('cfn-lint, where it is installed, finds nothing', async () => {
    const files = STACKS.map(samFile)
    const lint = run('cfn-lint', ['--regions', 'us-east-1', '--', ...files])
    const done = await lint.catch((error: unknown) => error as { code: unknown; stdout: string })
    if ('code' in done && done.code === 'ENOENT') {
      process.stderr.write('cfn-lint was skipped: it is not on the PATH\n')
    } else expect(done.stdout).toBe('')
  }, 60_000)

  test('CDK and SAM make the same stacks, with every option and with none', () => {
    const fullParameters = {
      ...PARAMETERS,
      NvmAgentId: 'agent-1',
      NvmEndpoint: 'https://tools.example/forecast',
      AuthorizerType: 'NONE',
      PaymentsTableName: 'of-mine',
      AlarmEmailAddress: 'operators@tools.example',
    }
    for (const name of STACKS) {
      const sam = all.template('SAM', name)
      expect(comparable(all.template('CDK', name))).toEqual(comparable(sam, PARAMETERS))
      expect(comparable(all.template('CDK', name, FULL))).toEqual(comparable(sam, fullParameters))
    }
  })

  test.each(REFUSED)('the CDK app refuses the context %j', (context, message) => {
    expect(() => all.template('CDK', 'decorator', context)).toThrow(message)
  })
})

/** The beginning of the ARNs of DynamoDB in this account. */
const HERE = '${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}'

describe.each(SELLERS)('what may be done: %s, %s', (kind, name) => {
  let template: Template
  beforeAll(() => {
    template = comparable(all.template(kind, name), PARAMETERS)
  })

  const seller = name === 'decorator' ? 'PaidTool' : 'Interceptor'
  const target = name === 'decorator' ? 'StubTarget' : 'Tool'

  test('each role may do what it is for, on the one resource it is for', () => {
    const writeLog = (id: string) => ({
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: `\${${id}Logs.Arn}`,
    })
    const readSecrets = {
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: [SECRET_ARN, PAYMENTS_ARN],
    }
    const useTable = {
      Effect: 'Allow',
      Action: [
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:ConditionCheckItem',
      ],
      Resource: `arn:${HERE}:table/x402-payments`,
    }
    const call = {
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: [`\${${seller}.Arn}`, `\${${target}.Arn}`],
    }
    const statements = resourcesOf(template, 'AWS::IAM::Role').map(([id, { Properties }]) => {
      const policies = Properties.Policies as { PolicyDocument: { Statement: unknown[] } }[]
      return [id, policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)]
    })
    expect(Object.fromEntries(statements)).toEqual({
      [`${seller}Role`]: [writeLog(seller), readSecrets, useTable],
      [`${target}Role`]: [writeLog(target)],
      GatewayRole: [call],
    })
  })

  test('nothing else gives or takes a permission, and no user pool is made', () => {
    const types = Object.values(template.Resources).map(({ Type }) => Type)
    expect(new Set(types)).toEqual(
      new Set([
        'AWS::BedrockAgentCore::Gateway',
        'AWS::BedrockAgentCore::GatewayTarget',
        'AWS::IAM::Role',
        'AWS::Lambda::Function',
        'AWS::Logs::LogGroup',
      ]),
    )
    expect(JSON.stringify(template)).not.toMatch(/"\*"|ManagedPolicyArns/)
  })

  test('the Gateway role is trusted for this Gateway of this account', () => {
    const { AssumeRolePolicyDocument } = template.Resources.GatewayRole?.Properties ?? {}
    const gateways = 'arn:${AWS::Partition}:bedrock-agentcore:${AWS::Region}:${AWS::AccountId}'
    expect(AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'bedrock-agentcore.amazonaws.com' },
          Condition: {
            StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' },
            ArnLike: { 'aws:SourceArn': `${gateways}:gateway/x402-${name}-??????????` },
          },
        },
      ],
    })
  })

  test('callers need IAM credentials, and see no errors of the Lambdas', () => {
    const gateway = propertiesOf(template, 'AWS::BedrockAgentCore::Gateway')
    expect(gateway).toMatchObject({ AuthorizerType: 'AWS_IAM', ProtocolType: 'MCP' })
    expect(gateway).not.toHaveProperty('ExceptionLevel')
  })

  test('headers are passed at every interception point', () => {
    const { InterceptorConfigurations } = propertiesOf(template, 'AWS::BedrockAgentCore::Gateway')
    const points = name === 'decorator' ? ['REQUEST'] : ['REQUEST', 'RESPONSE']
    const entries = points.map((point) => ({
      InterceptionPoints: [point],
      Interceptor: { Lambda: { Arn: `\${${seller}.Arn}` } },
      InputConfiguration: { PassRequestHeaders: true },
    }))
    expect(InterceptorConfigurations).toEqual(entries)
  })

  test('no payment header reaches the target, and buyers may put one into the arguments', () => {
    const { MetadataConfiguration, TargetConfiguration } = propertiesOf(
      template,
      'AWS::BedrockAgentCore::GatewayTarget',
    )
    expect(JSON.stringify(MetadataConfiguration ?? {})).not.toMatch(/payment|authorization|x402/i)
    const { Mcp } = TargetConfiguration as { Mcp: { Lambda: { ToolSchema: object } } }
    expect(Mcp.Lambda.ToolSchema).toMatchObject({
      InlinePayload: [
        {
          InputSchema: { Properties: { headers: { Type: 'object' } }, Required: ['city'] },
        },
      ],
    })
  })

  test('secrets are read from their store, and stand in no environment variable', () => {
    const variables = resourcesOf(template, 'AWS::Lambda::Function').map(([id, resource]) => {
      const environment = resource.Properties.Environment as { Variables: object } | undefined
      return [id, environment?.Variables]
    })
    expect(Object.fromEntries(variables)).toEqual({
      [seller]: {
        NVM_API_KEY_SECRET_ARN: SECRET_ARN,
        NVM_PLAN_ID: '123',
        PAYMENTS_TABLE: 'x402-payments',
        PAYMENTS_SECRET_ARN: PAYMENTS_ARN,
      },
      [target]: undefined,
    })
    expect(JSON.stringify(template)).not.toContain('{{resolve:')
  })

  test('each Lambda has time, a runtime that is still supported, and a log that is not kept for ever', () => {
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::Lambda::Function')) {
      expect(Properties.Runtime).toMatch(/^nodejs2[24]\.x$/)
      if (id === seller) expect(Properties.Timeout).toBeGreaterThanOrEqual(35)
      expect(Properties.LoggingConfig).toEqual({ LogFormat: 'JSON', LogGroup: `\${${id}Logs}` })
      expect(template.Resources[`${id}Logs`]?.Properties.RetentionInDays).toBe(30)
    }
  })
})
