// First: it takes a link's token out of the address, before anything reads where the studio is.
import './state/bridge.ts'
import { mount } from 'svelte'
import App from './App.svelte'
import './theme.css'

mount(App, { target: document.getElementById('app')! })
