import { mppOffers } from '../../../wire/mpp.js'
import { decodeHeader } from '../../../wire/x402.js'
import { safeText } from '../secrets.js'
import type { Finding } from '../thing.js'
import type { Found } from './found.js'

const TELL_SELLER = 'Tell the seller: clients leave out such a challenge.'

/** Adds every challenge of scheme `Payment` in a `WWW-Authenticate`. Other schemes are somebody else's. */
export function addMppChallenges(text: string, carrier: string, found: Found): void {
  for (const { parameters, challenge } of mppOffers(text)) {
    if (found.isFull) return
    const members = Object.fromEntries(parameters)
    const request = challenge?.request ?? decodeHeader(members['request'] ?? '')
    found.add({
      ...{ kind: 'mpp_challenge', carrier, header: 'www-authenticate' },
      value: { ...members, ...(request !== undefined && { request }) },
      problems: challenge === undefined ? problemsOf(parameters) : [],
    })
  }
}

type Parameters = readonly (readonly [name: string, value: string])[]

/** What is wrong with how a challenge is written. Its members are checked later. */
function problemsOf(parameters: Parameters): Finding[] {
  const seen = new Set<string>()
  const problems: Finding[] = [problem('', 'The challenge is not well-formed.')]
  for (const [name, value] of parameters) {
    if (seen.has(name)) problems.push(problem(name, `The parameter ${name} is there twice.`))
    seen.add(name)
    if (value.includes('\\') && name !== 'description') {
      problems.push(problem(name, 'It has a backslash in it, which clients read in two ways.'))
    }
    if (name === 'request' && Buffer.from(value, 'base64url').toString('base64url') !== value) {
      problems.push(problem(name, 'The request is no base64url without padding.'))
    }
  }
  return problems
}

function problem(path: string, message: string): Finding {
  return { level: 'fail', path: safeText(path), message, cure: TELL_SELLER }
}
