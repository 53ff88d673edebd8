import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { ToolDefinition } from '../../src/local/index.js'
import { run } from '../support/built.js'
import { stack } from '../support/seller.js'
import { readYaml, without, type Resource, type Template } from './support/cloudformation.js'
import { problemsOf } from './support/service-spec.js'

const FILE = 'src/cli/init/template/deploy/template.yaml'
const FUNCTION = 'AWS::Serverless::Function'

type Sam = Template & { Globals: { Function: Record<string, unknown> } }
const template = readYaml(FILE) as Sam

/** The template with functions as the specification knows them: with what all share, and without what only SAM knows. */
function checked(): Template {
  const { Globals, ...rest } = structuredClone(template)
  const plain = (resource: Resource): Resource => {
    if (resource.Type !== FUNCTION) return resource
    const own = without(resource.Properties, ['Policies', 'InlineCode'])
    return {
      ...resource,
      Properties: { CodeUri: 'dist', Role: 'of SAM', ...Globals.Function, ...own },
    }
  }
  const resources = Object.entries(rest.Resources).map(([id, one]) => [id, plain(one)])
  return { ...rest, Resources: Object.fromEntries(resources) as Template['Resources'] }
}

test('AWS knows every resource, property, value and reference of the template', () => {
  expect(problemsOf(checked())).toEqual([])
})

test('a property that AWS does not know is found', () => {
  const planted = checked()
  Object.assign(planted.Resources['Seller']?.Properties ?? {}, { Timeouts: 45 })
  expect(problemsOf(planted)).toEqual(['Seller.Timeouts: unknown property'])
})

test('cfn-lint, where it is installed, finds nothing', async () => {
  const lint = run('cfn-lint', ['--regions', 'us-east-1', '--', FILE])
  const done = await lint.catch((error: unknown) => error as { code: unknown; stdout: string })
  if ('code' in done && done.code === 'ENOENT') {
    process.stderr.write('cfn-lint was skipped: it is not on the PATH\n')
  } else expect(done.stdout).toBe('')
}, 60_000)

const NAMES = ['NVM_API_KEY', 'NVM_PLAN_ID', 'NVM_BACKEND_URL']
const before = NAMES.map((name) => [name, process.env[name]] as const)
let tools: readonly ToolDefinition[]
beforeAll(async () => {
  const { nvmApiKey, planId, url } = await stack()
  Object.assign(process.env, { NVM_API_KEY: nvmApiKey, NVM_PLAN_ID: planId, NVM_BACKEND_URL: url })
  ;({ tools } = await import('../../src/cli/init/template/src/handler.js'))
})
afterAll(() => {
  for (const [name, value] of before) {
    if (value === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = value
  }
})

interface Declared {
  Name: string
  Description: string
  InputSchema: { Properties: Record<string, { Type: string }>; Required: string[] }
}

test('the template declares the tools of the handler, with a place for a payment', () => {
  const { TargetConfiguration } = template.Resources['Tools']?.Properties as {
    TargetConfiguration: { Mcp: { Lambda: { ToolSchema: { InlinePayload: Declared[] } } } }
  }
  const declared = TargetConfiguration.Mcp.Lambda.ToolSchema.InlinePayload
  const shown = declared.map(({ Name, Description, InputSchema: { Properties, Required } }) => ({
    ...{ name: Name, description: Description, required: Required },
    types: Object.entries(Properties).map(([name, { Type }]) => [name, Type]),
  }))
  const wanted = tools.map(({ name, description, inputSchema: { properties = {}, required } }) => ({
    ...{ name, description, required },
    types: [
      ...Object.entries(properties).map(([of, { type }]) => [of, type]),
      ['headers', 'object'],
    ],
  }))
  expect(shown).toEqual(wanted)
})

test('the stub of the template refuses', async () => {
  const { InlineCode } = template.Resources['Stub']?.Properties as { InlineCode: string }
  const script = `${InlineCode}\nexports.handler().catch(({ message }) => console.log(message))`
  const { stdout } = await run(process.execPath, ['--input-type=commonjs', '--eval', script])
  expect(stdout).toBe('sold by the interceptor only\n')
})

test('no secret stands in the template, and the README has ten lines', () => {
  const { Environment } = template.Resources['Seller']?.Properties as {
    Environment: { Variables: Record<string, unknown> }
  }
  expect(Environment.Variables).toEqual({
    NVM_API_KEY_SECRET_ARN: { Ref: 'NvmApiKeySecretArn' },
    NVM_PLAN_ID: { Ref: 'NvmPlanId' },
  })
  const readme = readFileSync('src/cli/init/template/README.md', 'utf8')
  expect(readme.trimEnd().split('\n')).toHaveLength(10)
})
