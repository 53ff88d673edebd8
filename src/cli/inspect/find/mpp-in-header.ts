import { mppOffers } from '../../../wire/mpp.js'
import { decodeHeader } from '../../../wire/x402.js'
import type { Finding } from '../thing.js'
import type { Found } from './found.js'

/** Adds every challenge of scheme `Payment` in a `WWW-Authenticate`. Other schemes are somebody else's. */
export function addMppChallenges(text: string, carrier: string, found: Found): void {
  for (const { parameters, challenge } of mppOffers(text)) {
    const names = parameters.map(([name]) => name)
    const twice = names.filter((name, at) => names.indexOf(name) < at)
    const members = Object.fromEntries(parameters)
    const request = challenge?.request ?? decodeHeader(members['request'] ?? '')
    found.add({
      ...{ kind: 'mpp_challenge', carrier, header: 'www-authenticate' },
      value: { ...members, ...(request !== undefined && { request }) },
      problems: [
        ...twice.map((name) => problem(name, `The parameter ${name} is there twice.`)),
        ...(challenge === undefined && parameters.some(([, value]) => value.includes('\\'))
          ? [problem('', 'A parameter has a backslash in it, which clients read in two ways.')]
          : []),
      ],
    })
  }
}

function problem(path: string, message: string): Finding {
  return {
    level: 'fail',
    path,
    message,
    cure: 'Tell the seller: clients leave out such a challenge.',
  }
}
