// Drives a terminal with the vendor's own Node SDK: one request a line in, one JSON object a line out.
//
//   node transbank_client.cjs PORT      poll | sale AMOUNT TICKET [status] | last | void OPERATION | totals | list | close | normal
'use strict';

const readline = require('node:readline');
const { POSIntegrado } = require('transbank-pos-sdk');

const answer = (fields) => process.stdout.write(JSON.stringify(fields) + '\n');

async function ask(pos, words) {
  switch (words[0]) {
    case 'poll': return { poll: await pos.poll() };
    case 'sale': {
      const progress = [];
      const sale = await pos.sale(words[1], words[2], words.length > 3, (step) => progress.push(step.responseCode));
      return { sale, progress };
    }
    case 'last': return { last: await pos.getLastSale() };
    case 'void': return { void: await pos.refund(words[1]) };
    case 'totals': return { totals: await pos.getTotals() };
    case 'list': {
      const list = await pos.salesDetail(false);
      // The kit never ends its wait after a list: every later request would be refused. Only a new connection helps.
      await pos.disconnect();
      await pos.connect(process.argv[2]);
      return { list };
    }
    case 'close': return { close: await pos.closeDay() };
    case 'normal': return { normal: await pos.changeToNormalMode() };
    default: return { error: 'unknown word' };
  }
}

async function main() {
  const pos = new POSIntegrado();
  await pos.connect(process.argv[2]);
  answer({ open: true });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
      answer(await ask(pos, line.split(' ')));
    } catch (error) {
      answer({ error: String(error) });
    }
  }
  await pos.disconnect();
  process.exit(0);
}

main().catch((error) => {
  answer({ error: String(error) });
  process.exit(1);
});
