#!/usr/bin/env node

/** The oldest version of Node that works. `engines` in package.json says the same, but npm only warns. */
const LEAST_NODE = 20

const { node } = process.versions
if (Number.parseInt(node) >= LEAST_NODE) {
  const { main } = await import('./cli/main.js')
  await main(process.argv.slice(2))
} else {
  process.stderr.write(
    `agentcore-x402: needs Node ${LEAST_NODE} or later, but this is Node ${node}\n`,
  )
  process.exitCode = 2
}
