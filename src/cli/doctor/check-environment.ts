import { keyExpiry } from '../../nevermined/key-mistake.js'
import { OptionsError } from '../../errors/payment-error.js'
import { Payments } from '../../payments.js'
import { type Finding, findingsOf } from './finding.js'

/** Lambda's runtimes. */
const LAMBDA_NODES = [22, 24]
const DAY_MS = 86_400_000
/** Keys that end sooner are warned of. */
const MIN_KEY_DAYS = 14

/** Checks Node, and the key of Nevermined in `NVM_API_KEY`. */
export function checkEnvironment(env: NodeJS.ProcessEnv, nowMs: number): Finding[] {
  const key = env['NVM_API_KEY']
  return [checkNode(process.versions.node), ...(key ? [checkKey(key, nowMs)] : [])]
}

function checkNode(version: string): Finding {
  const { ok, warn } = findingsOf('node')
  const major = Number.parseInt(version)
  if (LAMBDA_NODES.includes(major)) return ok(`Node ${version}, as on Lambda`)
  const runtimes = LAMBDA_NODES.map((one) => `nodejs${one}.x`).join(' and ')
  return warn(
    `Node ${version} runs here, and Lambda has ${runtimes}`,
    `Build and test with the Node of your function.`,
  )
}

function checkKey(nvmApiKey: string, nowMs: number): Finding {
  const { ok, warn, fail } = findingsOf('key')
  try {
    const { environmentName, accountAddress, backendUrl } = Payments.getInstance({ nvmApiKey })
    const whose = `NVM_API_KEY is a key of '${environmentName}' at ${backendUrl}, of the account ${accountAddress}`
    const endsMs = keyExpiry(nvmApiKey)?.getTime()
    if (endsMs === undefined) return ok(whose)
    const day = new Date(endsMs).toISOString().slice(0, 10)
    if (endsMs <= nowMs) return fail(`${whose}. It ended on ${day}`, NEW_KEY)
    const days = Math.floor((endsMs - nowMs) / DAY_MS)
    if (days < MIN_KEY_DAYS) return warn(`${whose}. It ends in ${days} days, on ${day}`, NEW_KEY)
    return ok(`${whose}, until ${day}`)
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error
    const variable = error.option === 'nvmApiKey' ? 'NVM_API_KEY' : error.option
    return fail(`${variable} cannot be used: ${error.expected}`, COPY)
  }
}

const NEW_KEY = 'Make a new key in the Nevermined app, and put it where the function reads it.'
const COPY =
  'Copy the whole key from the Nevermined app, with its prefix such as sandbox: or live:.'
