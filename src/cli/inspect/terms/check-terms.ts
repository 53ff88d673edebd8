import { knownAsset, dollarOf } from '../../../seller/options/money/assets.js'
import { addressProblem } from '../../../seller/options/money/addresses.js'
import { sameId, toAmount } from '../../../wire/amounts.js'
import { NETWORK_NAMES, caip2, isAwsNetwork, nameInV1 } from '../../../wire/networks.js'
import { DEFAULT_VALID_SECONDS } from '../../../wire/signed-terms.js'
import { isAbsent, kindOfJson, pathOf, text, textIn, type Place } from '../findings.js'
import { safeText } from '../secrets.js'

const ASK_AGAIN = 'Ask the seller for a new challenge, or mend its price.'
const CAIP2 = /^[-a-z\d]{3,8}:[-_a-zA-Z\d]{1,32}$/

/** Checks one way to pay, an entry of `accepts` or what a payment accepted. */
export function checkTerms(place: Place, version: 1 | 2): void {
  const scheme = textIn(place, 'scheme', 'Name the scheme, such as exact.')
  const network = textIn(place, 'network', 'Name the network, such as eip155:84532.')
  const isPlan = scheme?.startsWith('nvm:') === true || !isAbsent(place.value['planId'])
  if (isPlan) return checkPlan(place, scheme)
  if (network !== undefined) checkNetwork(place, network, version)
  checkAmount(place, version)
  checkPayee(place, network ?? '')
  checkAsset(place, network ?? '')
  checkTimeout(place, version)
  if (version === 1) checkV1(place)
}

function checkNetwork({ path, findings }: Place, network: string, version: 1 | 2): void {
  const at = pathOf({ path }, 'network')
  const name = nameInV1(network)
  if (isAwsNetwork(network)) {
    const message = `The network ${safeText(network)} is one of AWS Marketplace, where nothing here can sign.`
    findings.fail(at, message, 'Take a network of CAIP-2, such as eip155:8453.')
  } else if (version === 2 && !CAIP2.test(network)) {
    const better = caip2(network)
    const cure = better === network ? 'Write it like eip155:8453.' : `Write ${better}.`
    findings.fail(
      at,
      `x402 v2 names networks in CAIP-2, and ${safeText(network)} is no such name.`,
      cure,
    )
  } else if (version === 1 && network.includes(':')) {
    const cure =
      name === undefined ? 'Version 1 has no name for it: use version 2.' : `Write ${name}.`
    findings.fail(
      at,
      `x402 v1 has names of its own for networks, and ${safeText(network)} is CAIP-2.`,
      cure,
    )
  } else if (
    name === undefined &&
    !NETWORK_NAMES.includes(network.toLowerCase()) &&
    dollarOf(network) === undefined
  ) {
    findings.warn(
      at,
      `The network ${safeText(network)} is not known here.`,
      'Check its spelling. It may still be right.',
    )
  }
}

function checkAmount({ value, path, findings }: Place, version: 1 | 2): void {
  const [name, other] =
    version === 1 ? ['maxAmountRequired', 'amount'] : ['amount', 'maxAmountRequired']
  const amount = value[name]
  const at = pathOf({ path }, name)
  if (isAbsent(amount)) {
    const isOther = !isAbsent(value[other])
    const message = isOther
      ? `The member ${name} is missing. ${other} is what x402 v${version === 1 ? 2 : 1} calls it.`
      : `The member ${name} is missing.`
    findings.fail(at, message, `Write ${name}, in the smallest unit of the asset.`)
  } else checkAmountForm(at, amount, findings)
}

/** An amount is a text of digits. */
export function checkAmountForm(at: string, amount: unknown, findings: Place['findings']): void {
  if (toAmount(amount) !== undefined) return
  const shown = safeText(typeof amount === 'string' ? amount : JSON.stringify(amount))
  if (typeof amount !== 'string') {
    const cure =
      typeof amount === 'number' ? `Write it in quotes: "${shown}".` : 'Write digits in quotes.'
    findings.fail(at, `The amount is ${kindOfJson(amount)}, and a text is expected.`, cure)
  } else if (/^\d+\.\d+$/.test(amount)) {
    const message = `The amount ${shown} has a decimal point, and the wire has whole units only.`
    findings.fail(at, message, 'Write the smallest unit: 0.01 USDC is "10000".')
  } else {
    findings.fail(
      at,
      `The amount ${JSON.stringify(shown)} is no whole number.`,
      'Write digits only, such as "10000".',
    )
  }
}

function checkPayee(place: Place, network: string): void {
  const payTo = textIn(place, 'payTo', 'Name the address that is paid.')
  if (payTo === undefined) return
  const { findings, value } = place
  const problem = checkAddress(place, 'payTo', caip2(network))
  const asset = text(value['asset'])
  if (problem === undefined && asset !== undefined && sameId(payTo, asset)) {
    const message =
      'The payee is the contract of the token itself: money that is sent there is lost.'
    findings.fail(pathOf(place, 'payTo'), message, ASK_AGAIN)
  }
}

/** Checks an address. @returns what is wrong with it */
export function checkAddress(place: Place, name: string, network: string): string | undefined {
  const { value, findings } = place
  const address = value[name]
  const problem = CAIP2.test(network) ? addressProblem(address, network) : undefined
  if (problem === undefined) return undefined
  // A long or odd text may be a key, and is not in the message.
  findings.fail(pathOf(place, name), `${capital(problem)}.`, ASK_AGAIN)
  return problem
}

function capital(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

function checkAsset(place: Place, givenNetwork: string): void {
  const asset = textIn(place, 'asset', 'Name the contract of the token.')
  if (asset === undefined) return
  const { findings } = place
  const at = pathOf(place, 'asset')
  const network = caip2(givenNetwork)
  const known = knownAsset(network, asset)
  if (known !== undefined) return checkDomain(place, known)
  if (checkAddress(place, 'asset', network) !== undefined) return
  const elsewhere = isAwsNetwork(network) ? undefined : networkOfDollar(asset)
  if (elsewhere !== undefined) {
    const message = `This is USDC of ${elsewhere}, and the network is ${safeText(givenNetwork)}.`
    findings.fail(at, message, `Take the token of ${safeText(givenNetwork)}, or name ${elsewhere}.`)
  } else if (dollarOf(network) !== undefined) {
    const message = `The token is not the USDC of ${safeText(givenNetwork)}, and its decimals are not known here.`
    findings.warn(at, message, 'Look at the token before you pay: names can be chosen freely.')
  }
  if (place.value['scheme'] === 'exact' && network.startsWith('eip155:')) checkNamed(place)
}

function networkOfDollar(asset: string): string | undefined {
  const networks = NETWORK_NAMES.map((name) => caip2(name))
  return networks.find((network) => knownAsset(network, asset) !== undefined)
}

/** Buyers sign under the name and the version of the token. With another one the signature is not valid. */
function checkDomain(place: Place, known: { name: string; version: string }): void {
  const extra = extraOf(place)
  if (extra?.['assetTransferMethod'] === 'permit2' || place.value['scheme'] !== 'exact') return
  if (!checkNamed(place)) return
  for (const name of ['name', 'version'] as const) {
    const given = extra?.[name]
    if (typeof given === 'string' && given !== known[name]) {
      const message = `The token signs as ${name} "${known[name]}", and "${safeText(given)}" is given: signatures for it are not valid.`
      place.findings.fail(pathOf(place, `extra.${name}`), message, `Write "${known[name]}".`)
    }
  }
}

/** @returns whether the token says under which name it is signed. */
function checkNamed(place: Place): boolean {
  const extra = extraOf(place)
  if (extra?.['assetTransferMethod'] === 'permit2') return true
  const missing = ['name', 'version'].filter((name) => typeof extra?.[name] !== 'string')
  for (const name of missing) {
    const message = `The member extra.${name} is missing, and buyers cannot sign an EIP-3009 transfer without it.`
    place.findings.fail(
      pathOf(place, `extra.${name}`),
      message,
      `Write the ${name} of the token's EIP-712 domain.`,
    )
  }
  return missing.length === 0
}

function extraOf({ value }: Place): Record<string, unknown> | undefined {
  const { extra } = value
  return typeof extra === 'object' && extra !== null
    ? (extra as Record<string, unknown>)
    : undefined
}

function checkTimeout({ value, path, findings }: Place, version: 1 | 2): void {
  const seconds = value['maxTimeoutSeconds']
  const at = pathOf({ path }, 'maxTimeoutSeconds')
  if (isAbsent(seconds)) {
    const message = 'The member maxTimeoutSeconds is missing.'
    const cure = 'Write for how many seconds a payment has to be good, such as 60.'
    if (version === 1) findings.fail(at, message, cure)
    else findings.warn(at, message, cure)
  } else if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds <= 0) {
    findings.fail(
      at,
      'The time is no whole number of seconds above 0.',
      'Write a number, such as 60.',
    )
  } else if (seconds > DEFAULT_VALID_SECONDS) {
    const message = `Payments are to be good for ${seconds} seconds. Payers here sign for ${DEFAULT_VALID_SECONDS} at most by default.`
    findings.warn(at, message, 'Ask for less, or raise the limit maxTimeoutSeconds of the buyer.')
  }
}

/** The published clients of version 1 refuse a challenge in which one of these is wrong. */
function checkV1(place: Place): void {
  const { value, findings } = place
  if (!('resource' in value)) return checkWords(place)
  if (!URL.canParse(String(value['resource']))) {
    findings.fail(
      pathOf(place, 'resource'),
      'The resource is no absolute URL, so clients of v1 refuse it.',
      'Write the whole URL.',
    )
  }
  checkWords(place)
}

function checkWords(place: Place): void {
  const { value, findings } = place
  for (const name of ['resource', 'description', 'mimeType']) {
    if (typeof value[name] === 'string') continue
    findings.fail(
      pathOf(place, name),
      `The member ${name} is missing, so clients of v1 refuse it.`,
      'Write a text.',
    )
  }
  if ('outputSchema' in value && kindOfJson(value['outputSchema']) !== 'an object') {
    const message = `outputSchema is ${kindOfJson(value['outputSchema'])}, so clients of v1 refuse it.`
    findings.fail(pathOf(place, 'outputSchema'), message, 'Leave it out, or write an object.')
  }
}

/** A plan of Nevermined: on a chain, or paid by card. */
function checkPlan(place: Place, scheme: string | undefined): void {
  const { value, findings } = place
  const planId = textIn(place, 'planId', 'Name the plan: a long decimal number.')
  if (planId !== undefined && !/^\d{1,78}$/.test(planId)) {
    const message = 'The planId is no decimal number.'
    findings.warn(pathOf(place, 'planId'), message, 'Copy it from the Nevermined app.')
  }
  const network = text(value['network']) ?? ''
  const isCard = scheme === 'nvm:card-delegation'
  if (!['nvm:erc4337', 'nvm:card-delegation'].includes(scheme ?? '')) {
    findings.warn(
      pathOf(place, 'scheme'),
      'This scheme of plans is not known here.',
      'Known are nvm:erc4337 and nvm:card-delegation.',
    )
  } else if (network !== '' && network.startsWith('eip155:') === isCard) {
    const message = `The scheme ${scheme} and the network ${safeText(network)} contradict each other.`
    const cure = isCard
      ? 'Plans by card name a provider, such as stripe.'
      : 'Plans on a chain name it in CAIP-2, such as eip155:84532.'
    findings.fail(pathOf(place, 'network'), message, cure)
  }
}
