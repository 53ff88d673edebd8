import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { handler as stub } from '../../examples/deploy/lambda/stub-target.js'
import { handler as tool } from '../../examples/deploy/lambda/tool.js'
import type { InterceptorOutput } from '../../src/index.js'
import { localContext } from '../../src/local/index.js'
import { describeTable } from '../store/support/describe-table.js'
import { itemsOf } from '../store/support/table.js'
import { run } from '../support/built.js'
import { singleUse } from '../support/outcome.js'
import { challengeOf, receiptOf, textOf } from '../support/seller.js'
import { without } from './support/cloudformation.js'
import { withoutCoverage } from './support/deployed.js'
import { deployedStack } from './support/deployed-stack.js'
import { KEY_ARN } from './support/secrets-manager.js'

beforeEach(() => void jest.spyOn(console, 'info').mockImplementation(() => undefined))
afterEach(() => void jest.restoreAllMocks())

/** What the tool of the example is sold as. */
const RESOURCE = { url: 'mcp://tool/weather___forecast' }

describeTable('the functions as deployed', () => {
  const deployed = deployedStack()

  /** Calls the handler of a bundle, in a process with the environment the templates give it. */
  async function play<TOutputs extends InterceptorOutput[]>(
    bundle: string,
    events: unknown[],
    secretArn = KEY_ARN,
  ): Promise<TOutputs> {
    const script = `
    const { handler } = await import(${JSON.stringify(deployed.fileOf(bundle))})
    const outputs = []
    for (const event of ${JSON.stringify(events)}) {
      outputs.push(await handler(event, { getRemainingTimeInMillis: () => 40_000 }))
    }
    console.log(JSON.stringify(outputs))`
    const env = {
      ...without(withoutCoverage, ['NVM_API_KEY']),
      ...deployed.environment(),
      NVM_API_KEY_SECRET_ARN: secretArn,
    }
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
      env,
    })
    return JSON.parse(stdout) as TOutputs
  }

  test('the decorator as deployed refuses, and sells', async () => {
    const { local } = deployed
    const before = local.balance()
    const [unpaid, paid] = await play<[InterceptorOutput, InterceptorOutput]>('paid-tool', [
      local.paidEvent('weather___forecast', { city: 'Oslo' }, null),
      local.paidEvent('weather___forecast', { city: 'Oslo' }),
    ])
    expect(challengeOf(unpaid)?.accepts).toMatchObject([{ planId: local.planId }])
    expect(textOf(paid)).toBe('Sunny in Oslo')
    expect(receiptOf(paid)).toMatchObject({ success: true })
    expect(before - local.balance()).toBe(1n)
  }, 30_000)

  test('the interceptor pair as deployed refuses, forwards without the payment, and settles', async () => {
    const { local } = deployed
    const before = local.balance()
    const request = local.paidEvent('weather___forecast', { city: 'Oslo' })
    const text = JSON.stringify(await tool({ city: 'Oslo' }, localContext()))
    const body = {
      jsonrpc: '2.0',
      id: 1,
      result: { isError: false, content: [{ type: 'text', text }] },
    }
    const gatewayResponse = { statusCode: 200, headers: {}, body }
    const mcp = { ...(request.mcp as object), gatewayResponse }

    const [unpaid, forwarded, delivered] = await play<Three>('interceptor', [
      local.paidEvent('weather___forecast', { city: 'Oslo' }, null),
      request,
      { ...request, mcp },
    ])
    expect(challengeOf(unpaid)?.accepts).toMatchObject([{ planId: local.planId }])
    expect(forwarded.mcp.transformedGatewayRequest?.body).toMatchObject({
      params: { name: 'weather___forecast', arguments: { city: 'Oslo' } },
    })
    expect(forwarded.mcp).not.toHaveProperty('transformedGatewayResponse')
    expect(textOf(delivered)).toBe('{"forecast":"Sunny in Oslo"}')
    expect(receiptOf(delivered)).toMatchObject({ success: true })
    expect(before - local.balance()).toBe(1n)
  }, 30_000)

  test('a Lambda that cannot read its API key does not start, and says which secret', async () => {
    const another = KEY_ARN.replace('nvm', 'another')
    await expect(play('paid-tool', [], another)).rejects.toThrow('ResourceNotFoundException')
  }, 30_000)

  test('a single-use payment is in the table that the templates name', async () => {
    const { local, store, table } = deployed
    const event = local.paidEvent(
      'weather___forecast',
      { city: 'Oslo' },
      singleUse(local, { resource: RESOURCE }),
    )
    const [sold] = await play<[InterceptorOutput]>('paid-tool', [event])
    expect(receiptOf(sold)).toMatchObject({ success: true })
    const states = (await itemsOf(store.client, table)).map(({ state }) => state?.S)
    expect(states).toContain('settled')
  }, 30_000)
})

type Three = [InterceptorOutput, InterceptorOutput, InterceptorOutput]

test('the stub target refuses whatever calls it', async () => {
  await expect(stub()).rejects.toThrow('is it attached to the Gateway?')
})

test('the target tells calls apart by the correlation id on its allow-list', async () => {
  const custom = {
    bedrockAgentCoreToolName: 'weather___forecast',
    bedrockAgentCorePropagatedHeaders: { 'x-correlation-id': 'c-1' },
  }
  const context = { ...localContext(), clientContext: { custom } } as unknown as Context
  expect(await tool({ city: 'Oslo' }, context)).toEqual({ forecast: 'Sunny in Oslo' })
  expect(console.info).toHaveBeenCalledWith({ tool: 'weather___forecast', correlationId: 'c-1' })
})
