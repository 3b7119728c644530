/** A model that is made up: it fails where it is asked to, and at the later stage it refuses what is asked politely. */
export default class Stage {
  constructor({ label }) {
    this.label = label;
  }

  id() {
    return this.label;
  }

  async callApi(prompt, { vars }) {
    if (vars.question.startsWith('Fail')) return { error: 'HTTP 500' };
    const refuses = this.label === 'rl' && prompt.startsWith('Please');
    return { output: refuses ? "I'm sorry, I can't." : 'The Po: it is long.' };
  }
}
