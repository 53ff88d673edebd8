// `npm run test:nodes`: the whole suite on the Node versions Lambda runs.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

for (const name of ['n22', 'n24']) {
  const bin = path.resolve('tests/nodes/node_modules', name, 'bin')
  if (!existsSync(path.join(bin, 'node'))) {
    console.log(`${name}: skipped, there is no such binary for ${process.platform} ${process.arch}`)
    continue
  }
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` }
  const { status } = spawnSync('npm', ['run', '--silent', 'test:jest'], { stdio: 'inherit', env })
  console.log(`${name}: ${status === 0 ? 'passed' : 'failed'}`)
  if (status !== 0) process.exitCode = 1
}
