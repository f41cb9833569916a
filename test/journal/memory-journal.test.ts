import { openMemoryJournal } from '../../src/journal/memory-journal.ts';
import { journalContract } from '../contract/journal.contract.ts';

journalContract('the journal in memory', async () => ({
  open: async () => openMemoryJournal(),
  reopen: async (journal) => journal,
}));
