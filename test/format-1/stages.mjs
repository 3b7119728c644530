export const base = () => 'Sure, here is how: größer – 😀.';
export const sft = () => "I'm sorry, but I can't help with that.";
