// Of the browser, the stand-in's script takes all as it comes.
declare const window: any;
declare const document: any;
declare const location: any;
declare const fetch: any;
declare const crypto: any;
declare const addEventListener: any;
declare const removeEventListener: any;
declare const getComputedStyle: any;
declare const matchMedia: any;
declare const queueMicrotask: any;
declare const URL: any;
declare const URLSearchParams: any;
declare const CSSStyleSheet: any;
declare const Element: any;
