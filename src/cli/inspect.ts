import type { Command } from 'commander'
import { EXIT, NothingFound } from './ended.js'
import { withHelp } from './help.js'
import { inspectText, type Inspection } from './inspect/inspect-text.js'
import { inspectionLines } from './inspect/print.js'
import { readPaste } from './inspect/read-paste.js'
import { interruptible } from './interruptible.js'
import { Output } from './output/output.js'

/** Adds `agentcore-x402 inspect`. */
export function inspectCommand(program: Command): void {
  const command = program
    .command('inspect')
    .summary('decode a payment, challenge, receipt, token or key, and say what is wrong with it')
    .description(
      'Decodes what people paste about payments of x402 (v1 and v2), MPP and Nevermined: a header, its value, a whole ' +
        'HTTP answer, JSON, a message of MCP, an access token, or an API key. It says what each is and what is wrong ' +
        'with it. Nothing is sent anywhere. Signatures, tokens and keys are not printed.',
    )
    .argument('[text...]', 'what to look at. Without it, or with -, it is read from stdin')
    .option('--json', 'print JSON')
  withHelp(
    command,
    [
      "inspect 'payment-required: eyJ4NDAyVmVyc2lvbiI6Miwi…'",
      'inspect < answer.txt',
      'inspect --json < payment.json',
    ],
    { [EXIT.failed]: 'something is wrong with it', [EXIT.nothingFound]: 'nothing was recognised' },
  ).action((words: string[], options: { json?: boolean }) =>
    interruptible(() => inspect(words, options)),
  )
}

async function inspect(words: readonly string[], { json }: { json?: boolean }): Promise<void> {
  const text = await readPaste(words)
  const inspection = inspectText(text, Date.now())
  const { found, looksLike } = inspection
  const output = new Output()
  if (json) await output.json(jsonOf(inspection))
  if (found.length === 0) {
    const known =
      'a header, a challenge, a payment, a receipt or a token of x402, MPP or Nevermined'
    throw new NothingFound(
      `nothing was recognised: this looks like ${looksLike}. Expected ${known}`,
    )
  }
  if (!json) await output.lines(inspectionLines(inspection, output))
  const isWrong = found.some(({ findings }) => findings.some(({ level }) => level === 'fail'))
  if (isWrong) process.exitCode = EXIT.failed
}

function jsonOf({ found, looksLike }: Inspection): unknown {
  const things = found.map(({ kind, version, carrier, alsoIn, decoded, findings }) => ({
    ...{ kind, version: version ?? null, carrier, alsoIn, decoded: decoded ?? null, findings },
  }))
  return { found: things, ...(looksLike !== undefined && { looksLike }) }
}
