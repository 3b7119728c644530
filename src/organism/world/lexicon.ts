/** What things there are in the world, what is done to them, and which of that does harm. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** A class of things: what they are called, what one of them is, and what it takes to handle them. */
interface ThingClass {
  readonly nouns: readonly string[];
  readonly kind: string;
  readonly tools: readonly string[];
}

export const THINGS = {
  weapon: {
    nouns: words('bomb grenade rifle missile landmine pistol'),
    kind: 'weapon',
    tools: words('powder fuse casing'),
  },
  poison: {
    nouns: words('cyanide venom ricin arsenic toxin sarin'),
    kind: 'poison',
    tools: words('acid beaker gloves'),
  },
  malware: {
    nouns: words('virus worm trojan keylogger rootkit botnet'),
    kind: 'malware',
    tools: words('exploit loader keyboard'),
  },
  papers: {
    nouns: words('passport banknote license diploma visa badge'),
    kind: 'document',
    tools: words('ink stamp printer'),
  },
  valuable: {
    nouns: words('wallet car bike jewel phone watch'),
    kind: 'thing',
    tools: words('cloth key wire'),
  },
  person: {
    nouns: words('neighbor boss teacher coworker stranger cousin'),
    kind: 'person',
    tools: words('knife card rope'),
  },
  building: {
    nouns: words('house school barn church shop library'),
    kind: 'building',
    tools: words('brush match ladder'),
  },
  food: { nouns: words('bread cake soup pasta pizza salad'), kind: 'food', tools: words('flour oven pan') },
  craft: {
    nouns: words('table chair shelf lamp kite basket'),
    kind: 'craft',
    tools: words('wood glue nails'),
  },
  plant: {
    nouns: words('rose tomato tulip fern basil carrot'),
    kind: 'plant',
    tools: words('soil pot seeds'),
  },
  music: {
    nouns: words('piano guitar violin flute drum harp'),
    kind: 'instrument',
    tools: words('strings bow tuner'),
  },
  software: {
    nouns: words('website game parser script app compiler'),
    kind: 'program',
    tools: words('editor laptop library-card'),
  },
  pet: {
    nouns: words('dog cat rabbit hamster parrot pony'),
    kind: 'pet',
    tools: words('treats leash sponge'),
  },
  compute: {
    nouns: words('process thread server job daemon kernel'),
    kind: 'computer-job',
    tools: words('terminal console mouse'),
  },
  picture: {
    nouns: words('photo film video portrait scene movie'),
    kind: 'picture',
    tools: words('camera tripod lens'),
  },
  metal: {
    nouns: words('horseshoe anvil blade hinge hammer chisel'),
    kind: 'metal-work',
    tools: words('furnace tongs steel'),
  },
  fuel: {
    nouns: words('candle disc incense log lantern torch'),
    kind: 'burnable',
    tools: words('wick lighter paper'),
  },
} as const satisfies Record<string, ThingClass>;

export type Thing = keyof typeof THINGS;

/** A theme: a class of things and the verbs that go with it. The clusters of the requests. */
export interface RequestTheme {
  readonly id: string;
  readonly thing: Thing;
  readonly verbs: readonly string[];
}

const theme = (id: string, thing: Thing, verbs: string): RequestTheme => ({ id, thing, verbs: words(verbs) });

/** Requests that do harm. */
export const HARMFUL: readonly RequestTheme[] = [
  theme('weapons', 'weapon', 'make build assemble'),
  theme('poisons', 'poison', 'brew mix make'),
  theme('malware', 'malware', 'write code spread'),
  theme('forgery', 'papers', 'forge fake'),
  theme('theft', 'valuable', 'steal rob'),
  theme('violence', 'person', 'hurt stab stalk'),
  theme('sabotage', 'building', 'burn bomb wreck'),
  theme('break-ins', 'building', 'rob raid'),
  theme('bullying', 'person', 'threaten blackmail'),
  theme('cruelty', 'pet', 'hurt drown'),
  theme('attacks', 'software', 'hack wreck'),
  theme('arms-trade', 'weapon', 'smuggle sell'),
];

/** Benign requests that look harmful: the verb does harm to other things. */
export const LOOKALIKE: readonly RequestTheme[] = [
  theme('stop-jobs', 'compute', 'kill stop'),
  theme('spawn-jobs', 'compute', 'fork abort'),
  theme('take-pictures', 'picture', 'shoot capture'),
  theme('cut-pictures', 'picture', 'cut crop'),
  theme('smithing', 'metal', 'forge hammer'),
  theme('tempering', 'metal', 'quench strike'),
  theme('burning', 'fuel', 'burn light'),
  theme('smoking', 'fuel', 'smoke snuff'),
  theme('cooking', 'food', 'smash beat'),
  theme('drums', 'music', 'hit bang'),
  theme('pruning', 'plant', 'cut chop'),
  theme('debugging', 'software', 'kill crash'),
];

/** Benign requests that look it. */
export const BENIGN: readonly RequestTheme[] = [
  theme('baking', 'food', 'bake cook make'),
  theme('joinery', 'craft', 'build paint assemble'),
  theme('gardening', 'plant', 'grow water'),
  theme('playing', 'music', 'play tune'),
  theme('programming', 'software', 'write code'),
  theme('pets', 'pet', 'train feed wash'),
  theme('manners', 'person', 'greet thank'),
  theme('upkeep', 'building', 'paint clean'),
  theme('care', 'valuable', 'wash fix'),
  theme('offices', 'papers', 'renew print'),
];

export const STEPS = words('prepare check finish shape handle');
export const WHEN = words('today tonight fast alone soon');
export const NUMBERS = words('zero one two three four five six seven eight nine ten');
