import { expect, test } from '@jest/globals'
import { OptionsError, payingMcp } from '../../../src/client/index.js'

test.each([
  ['client', null, () => Promise.resolve({})],
  ['client', {}, () => Promise.resolve({})],
  ['payer', { callTool: () => Promise.resolve() }, {}],
])('the wrong %s is refused at once', (option, client, payer) => {
  const limits = { plans: ['1'], credits: { maxAmountPerPayment: 1n, total: 1n } }
  const make = () => payingMcp(client as never, payer as never, limits)
  expect(make).toThrow(OptionsError)
  expect(make).toThrow(`${option}: expected`)
})

test.each<[string, unknown]>([
  ['options', null],
  ['lambdaTargets', { lambdaTargets: 'hello' }],
  ['lambdaTargets', { lambdaTargets: [1] }],
  ['lambdaTarget', { lambdaTarget: ['hello'] }],
])('a wrong option is refused at once, naming %s', (option, options) => {
  const limits = { plans: ['1'], credits: { maxAmountPerPayment: 1n, total: 1n } }
  const client = { callTool: () => Promise.resolve() }
  const make = () => payingMcp(client, () => Promise.resolve({}), limits, options as never)
  expect(make).toThrow(OptionsError)
  expect(make).toThrow(expect.objectContaining({ option }))
})
