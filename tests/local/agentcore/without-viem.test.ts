import { expect, test } from '@jest/globals'
import { saidWithoutViem } from '../support/without-viem.js'

/** Asks for everything a client would, as somebody without viem. */
const PROGRAM = `
import { startPaymentsService } from './library.mjs'
const service = await startPaymentsService()
const { paymentManagerArn, paymentConnectorId } = service.addManager()
const headers = {
  authorization: 'AWS4-HMAC-SHA256 Credential=x',
  'x-amzn-bedrock-agentcore-payments-user-id': 'user-1',
}
const ask = async (path, body) => {
  const sent = JSON.stringify({ paymentManagerArn, paymentConnectorId, ...body })
  const answer = await fetch(service.url + '/payments/' + path, { method: 'POST', headers, body: sent })
  return [answer.status, await answer.json()]
}
const instrument = (network) =>
  ask('createPaymentInstrument', {
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: { embeddedCryptoWallet: { network, linkedAccounts: [] } },
  })
const solana = await instrument('SOLANA')
const { paymentInstrumentId } = solana[1].paymentInstrument
const session = await ask('createPaymentSession', { expiryTimeInMinutes: 15 })
const answers = {
  solana,
  session,
  listed: await ask('listPaymentSessions', {}),
  got: await ask('getPaymentInstrument', { paymentInstrumentId }),
  balance: await ask('getPaymentInstrumentBalance', {
    paymentInstrumentId, chain: 'SOLANA', token: 'USDC',
  }),
  ethereum: await instrument('ETHEREUM'),
}
console.log(JSON.stringify(answers))
await service.close()
`

test('without viem all is served but wallets that sign, and it says what to install', async () => {
  const stdout = await saidWithoutViem('src/local/agentcore/index.ts', PROGRAM)
  const answers = JSON.parse(stdout) as Record<string, [number, unknown]>
  const { ethereum, ...rest } = answers
  expect(Object.values(rest).map(([status]) => status)).toEqual([201, 201, 200, 200, 200])
  expect(ethereum).toEqual([
    400,
    {
      message: 'The local payments service signs with viem: npm install viem',
      reason: 'FieldValidationFailed',
    },
  ])
})
