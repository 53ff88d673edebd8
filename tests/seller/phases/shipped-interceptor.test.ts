import { expect, test } from '@jest/globals'
import { payingMcp, receiptOf } from '../../../src/client/index.js'
import { startLambda } from '../../../src/local/index.js'
import { bundle } from '../../local/support/bundle.js'
import { buyer } from '../../client/support/client.js'
import { started, tool } from '../../local/support/gateway.js'
import { BOOTSTRAP } from '../../local/support/lambda.js'
import { SHOWN } from './support/phases.js'
import { stack } from '../../support/seller.js'

test.each(SHOWN)(
  'the shipped bundle of the pair sells through the Gateway, phases in containers of their own (%s request)',
  async (responseSees) => {
    const local = await stack()
    const file = await bundle('examples/interceptor.ts')
    const env = {
      NVM_API_KEY: local.nvmApiKey,
      NVM_PLAN_ID: local.planId,
      NVM_BACKEND_URL: local.url,
    }
    const lambda = async () =>
      started.add(await startLambda({ file, env, bootstrap: BOOTSTRAP, onLog: () => undefined }))
    const { url } = await started.gateway({
      targets: [{ name: 'Files', lambda: () => ({ pdf: 'gold' }), tools: [tool('convert')] }],
      requestInterceptor: { lambda: await lambda(), passRequestHeaders: true },
      responseInterceptor: { lambda: await lambda(), passRequestHeaders: true },
      assume: { responseSees },
    })
    const client = await started.client(url)
    const call = { name: 'Files___convert', arguments: {} }
    const refused = await client.callTool(call)
    expect(refused.isError).toBe(true)
    expect(JSON.stringify(refused)).not.toContain('gold')
    const credits = { maxAmountPerPayment: 10n, total: 10n }
    const limits = { plans: [local.planId], credits, trustReceipts: true }
    const paying = payingMcp(client, buyer(local), limits)
    const paid = await paying.callTool(call)
    expect(JSON.stringify(paid.content)).toContain('gold')
    expect(receiptOf(paid)).toMatchObject({ paid: 'yes', amount: '2' })
    expect(local.balance()).toBe(98n)
  },
  30_000,
)
