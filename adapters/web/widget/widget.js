"use strict"; const TEXTS = /*TEXTS*/{};
