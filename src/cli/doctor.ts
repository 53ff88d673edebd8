import { Console } from 'node:console'
import type { Command } from 'commander'
import type { Finding } from './doctor/finding.js'
import { EXIT, UsageError } from './ended.js'
import { withHelp } from './help.js'
import { interruptible } from './interruptible.js'
import { Output } from './output/output.js'
import { Progress } from './output/progress.js'
import { silenceSdkWarning } from './sdk-warning.js'

interface DoctorOptions {
  readonly handler?: string
  readonly gatewayId?: string
  readonly url?: string
  readonly tool?: string
  readonly table?: string
  readonly region?: string
  readonly endpointUrl?: string
  readonly json?: true
}

/** Adds `agentcore-x402 doctor`. */
export function doctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .summary('say what is wrong with the setup of a seller, and how to mend it')
    .description(
      'Checks the key and the environment, plans, facilitators, payees, prices, the clock and the table of payments; ' +
        "a deployed Gateway by AWS's API; and the challenge of a URL as buyers read it. " +
        'It moves no money, and changes nothing. The handler is loaded and not called.',
    )
  withHelp(
    command,
    [
      'doctor',
      'doctor --handler dist/handler.js',
      'doctor --handler dist/handler.js --gateway-id paid-tools-abc123 --region us-west-2',
      'doctor --url https://api.example.com/quote',
      'doctor --url http://localhost:3001/mcp --tool Greeter___hello',
    ],
    { [EXIT.done]: 'nothing fails', [EXIT.failed]: 'a check fails' },
  )
    .hook('preAction', silenceSdkWarning)
    .option('--handler <file>', 'the module that exports "handler", as Lambda loads it')
    .option('--gateway-id <id>', 'a deployed Gateway')
    .option(
      '--url <url>',
      'where buyers call: an HTTP service, or an MCP endpoint together with --tool',
    )
    .option('--tool <name>', 'the tool that is called at --url without payment, over MCP')
    .option(
      '--table <name>',
      'the table of payments (default: that of the handler, or AGENTCORE_X402_TABLE)',
    )
    .option('--region <name>', "region of Gateway and table (default: that of AWS's settings)")
    .option('--endpoint-url <url>', 'another address of DynamoDB, e.g. a server of your machine')
    .option('--json', 'print one JSON object')
    .action((options: DoctorOptions) => interruptible(() => runDoctor(options)))
}

async function runDoctor(options: DoctorOptions): Promise<void> {
  const wish = wishOf(options)
  // What the handler prints while it loads is not a finding.
  globalThis.console = new Console(process.stderr)
  const [output, progress] = [new Output(), new Progress()]
  const { examine } = await import('./doctor/examine.js')
  const { findingText, summaryText } = await import('./doctor/findings-text.js')
  const findings: Finding[] = []
  progress.say('checking …')
  for await (const finding of examine(wish)) {
    findings.push(finding)
    if (options.json) continue
    progress.end()
    await output.lines(findingText(finding, output))
    progress.say('checking …')
  }
  progress.end()
  const isGood = findings.every(({ level }) => level !== 'fail')
  await (options.json
    ? output.json({ isGood, findings })
    : output.lines(['', summaryText(findings)]))
  // The handler may keep the process alive.
  process.exit(isGood ? EXIT.done : EXIT.failed)
}

function wishOf({ handler, gatewayId, url, tool, table, region, endpointUrl }: DoctorOptions) {
  for (const [flag, given] of [
    ['--url', url],
    ['--endpoint-url', endpointUrl],
  ] as const) {
    if (given === undefined || (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)))
      continue
    throw new UsageError(`${flag} expects an http or https URL`)
  }
  if (tool !== undefined && url === undefined) throw new UsageError('--tool needs --url')
  const { AGENTCORE_X402_TABLE, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL } = process.env
  return {
    ...{ handler, gatewayId, url, tool, region },
    table: table ?? AGENTCORE_X402_TABLE,
    endpoint: endpointUrl ?? AWS_ENDPOINT_URL_DYNAMODB ?? AWS_ENDPOINT_URL,
  }
}
