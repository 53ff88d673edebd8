import { expect, test } from '@jest/globals'
import {
  PAYEE,
  PLAN,
  USDC,
  WAY,
  challenge,
  challengeV1,
  changed,
  wrongWith,
} from './support/samples.js'

test('nothing is wrong with good challenges', () => {
  expect(wrongWith(challenge())).toEqual([])
  expect(wrongWith(challengeV1())).toEqual([])
  expect(wrongWith({ ...challenge(), accepts: [PLAN, WAY] })).toEqual([])
})

const NOBODY = `0x${'0'.repeat(40)}`

test.each<[path: string, to: unknown, finding: string]>([
  ['x402Version', undefined, 'fail x402Version: The member x402Version is missing.'],
  [
    'x402Version',
    '2',
    'fail x402Version: x402Version is "2", and 1 or 2 is expected, as a number.',
  ],
  ['resource', undefined, 'fail resource: The member resource is missing.'],
  ['resource', {}, 'fail resource.url: The member url is missing.'],
  ['resource.url', '/quote', 'warn resource.url: The URL of the resource is not absolute'],
  ['accepts', [], 'fail accepts: accepts is empty, so nobody can pay.'],
  ['accepts', WAY, 'fail accepts: The member accepts is an object, so nobody can pay.'],
  ['accepts', ['exact'], 'fail accepts[0]: The way to pay is a text, not an object.'],
])('a challenge whose %s is %j', (path, to, finding) => {
  expect(wrongWith(changed(challenge(), path, to))).toEqual([expect.stringContaining(finding)])
})

test.each<[member: string, to: unknown, finding: string]>([
  ['scheme', undefined, 'fail scheme: The member scheme is missing.'],
  [
    'network',
    'base-sepolia',
    'fail network: x402 v2 names networks in CAIP-2, and base-sepolia is no such',
  ],
  ['network', 'eip155:123456', 'warn network: The network eip155:123456 is not known here.'],
  ['network', 'aws:base', 'fail network: The network aws:base is one of AWS Marketplace'],
  ['amount', 10000, 'fail amount: The amount is a number, and a text is expected.'],
  ['amount', '0.01', 'fail amount: The amount 0.01 has a decimal point'],
  ['amount', '$1', 'fail amount: The amount "$1" is no whole number.'],
  ['amount', undefined, 'fail amount: The member amount is missing.'],
  ['asset', undefined, 'fail asset: The member asset is missing.'],
  [
    'asset',
    '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
    'fail asset: This is USDC of eip155:8453, and the network is eip155:84532.',
  ],
  [
    'asset',
    '0x1111111111111111111111111111111111111111',
    'warn asset: The token is not the USDC of eip155:84532',
  ],
  ['payTo', null, 'fail payTo: The member payTo is missing.'],
  ['payTo', NOBODY, `fail payTo: Expected an address that somebody owns, got ${NOBODY}`],
  [
    'payTo',
    PAYEE.replace('Bc6', 'bc6'),
    'fail payTo: Expected an address whose mixed case is its checksum (EIP-55)',
  ],
  ['payTo', USDC, 'fail payTo: The payee is the contract of the token itself'],
  ['payTo', `0x${'9c'.repeat(32)}`, 'got a text of 66 characters, which may be a secret.'],
  [
    'maxTimeoutSeconds',
    undefined,
    'warn maxTimeoutSeconds: The member maxTimeoutSeconds is missing.',
  ],
  [
    'maxTimeoutSeconds',
    '60',
    'fail maxTimeoutSeconds: The time is no whole number of seconds above 0.',
  ],
  [
    'maxTimeoutSeconds',
    86_400,
    'warn maxTimeoutSeconds: Payments are to be good for 86400 seconds.',
  ],
  [
    'extra',
    { name: 'USDC' },
    'fail extra.version: The member extra.version is missing, and buyers cannot sign',
  ],
  [
    'extra.name',
    'USD Coin',
    'fail extra.name: The token signs as name "USDC", and "USD Coin" is given',
  ],
])('a way to pay whose %s is %j', (path, to, finding) => {
  const found = wrongWith(changed(challenge(), `accepts.0.${path}`, to))
  const wanted = finding.replace(/^(fail|warn) /, '$1 accepts[0].')
  // USDC of one network is the token of no other.
  expect(found.filter((line) => !line.includes('This is USDC') || wanted.includes('This'))).toEqual(
    [expect.stringContaining(wanted)],
  )
})

test.each<[member: string, to: unknown, finding: string]>([
  ['network', 'eip155:84532', 'fail network: x402 v1 has names of its own for networks'],
  [
    'maxAmountRequired',
    undefined,
    'fail maxAmountRequired: The member maxAmountRequired is missing.',
  ],
  [
    'resource',
    '/quote',
    'fail resource: The resource is no absolute URL, so clients of v1 refuse it.',
  ],
  [
    'resource',
    undefined,
    'fail resource: The member resource is missing, so clients of v1 refuse it.',
  ],
  [
    'description',
    undefined,
    'fail description: The member description is missing, so clients of v1 refuse it.',
  ],
  ['outputSchema', null, 'fail outputSchema: outputSchema is null, so clients of v1 refuse it.'],
  [
    'maxTimeoutSeconds',
    undefined,
    'fail maxTimeoutSeconds: The member maxTimeoutSeconds is missing.',
  ],
])('a way to pay of v1 whose %s is %j', (member, to, finding) => {
  const found = wrongWith(changed(challengeV1(), `accepts.0.${member}`, to))
  expect(found).toEqual([expect.stringContaining(finding.replace('fail ', 'fail accepts[0].'))])
})

test('an amount under the name of the other version is told', () => {
  const { maxAmountRequired: amount, ...way } = (
    challengeV1()['accepts'] as [Record<string, unknown>]
  )[0]
  expect(wrongWith({ ...challengeV1(), accepts: [{ ...way, amount }] })).toEqual([
    'fail accepts[0].maxAmountRequired: The member maxAmountRequired is missing. amount is what x402 v2 calls it.',
  ])
})

test.each<[member: string, to: unknown, finding: string]>([
  ['planId', '', 'fail accepts[0].planId: The member planId is an empty text, not a text.'],
  ['planId', 'plan-1', 'warn accepts[0].planId: The planId is no decimal number.'],
  [
    'network',
    'stripe',
    'fail accepts[0].network: The scheme nvm:erc4337 and the network stripe contradict each other.',
  ],
  [
    'scheme',
    'nvm:card-delegation',
    'fail accepts[0].network: The scheme nvm:card-delegation and the network eip155:84532 contradict each other.',
  ],
  ['scheme', 'nvm:other', 'warn accepts[0].scheme: This scheme of plans is not known here.'],
])('a plan whose %s is %j', (member, to, finding) => {
  const found = wrongWith({ ...challenge(), accepts: [changed(PLAN, member, to)] })
  expect(found).toEqual([finding])
})
